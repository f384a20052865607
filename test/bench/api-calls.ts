/** The mix of calls, and how long each took from the moment at which it was due: a server that stalls is not spared its queue. */
import { Agent, request } from 'node:http';

export interface Target {
  readonly url: string;
  readonly authorization: string;
  readonly flowIds: readonly string[];
}

/** A route, how many of forty calls are for it, and how it is called; `turn` grows with each call. */
export interface Kind {
  readonly name: string;
  readonly share: number;
  readonly run: (call: Caller, flowId: string, turn: number) => Promise<void>;
}

type Caller = (method: string, path: string, body?: unknown) => Promise<unknown>;

const draft = (turn: number) => ({
  name: `Made ${turn}`,
  regionId: 'europe',
  maxBitrate: 10_000_000,
  input: { name: 'Camera', protocol: 'srt' },
});

const idIn = (made: unknown): string =>
  typeof made === 'object' && made !== null && 'id' in made && typeof made.id === 'string' ? made.id : 'none';

/** As a monitoring script and some operators would call. */
export const kinds: readonly Kind[] = [
  { name: 'GET /flows?limit=20', share: 6, run: async (call) => void (await call('GET', '/flows?limit=20')) },
  { name: 'GET /flows?text=', share: 2, run: async (call) => void (await call('GET', '/flows?text=camera&limit=5')) },
  { name: 'GET /flows/{id}', share: 14, run: async (call, id) => void (await call('GET', `/flows/${id}`)) },
  {
    name: 'GET /flows/{id}/events',
    share: 4,
    run: async (call, id) => void (await call('GET', `/flows/${id}/events`)),
  },
  {
    name: 'GET /flows/{id}/health',
    share: 4,
    run: async (call, id) => {
      const to = Date.now();
      const range = `from=${to - 60_000}&to=${to}`;
      await call('GET', `/flows/${id}/health?${range}&pipeline=primary&endpoint=input&fields=bitrate,rttMs`);
    },
  },
  { name: 'GET /relays', share: 2, run: async (call) => void (await call('GET', '/relays')) },
  { name: 'GET /regions', share: 2, run: async (call) => void (await call('GET', '/regions')) },
  {
    name: 'PATCH /flows/{id}',
    share: 2,
    run: async (call, id, turn) => void (await call('PATCH', `/flows/${id}`, { name: `Renamed ${turn}` })),
  },
  {
    name: 'PATCH /flows/{id}/input',
    share: 2,
    run: async (call, id, turn) => void (await call('PATCH', `/flows/${id}/input`, { description: `Seen ${turn}` })),
  },
  {
    name: 'POST /flows, then DELETE',
    share: 2,
    run: async (call, _, turn) =>
      void (await call('DELETE', `/flows/${idIn(await call('POST', '/flows', draft(turn)))}`)),
  },
];

export interface Timed {
  /** ms from when each call was due to its last byte, by the name of its kind. */
  readonly times: ReadonlyMap<string, readonly number[]>;
  /** What was answered with 400 or more, or not at all. */
  readonly failures: readonly string[];
}

/** `rate` calls a second for `seconds`, whether or not the former were answered. */
export async function callAll(target: Target, rate: number, seconds: number): Promise<Timed> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const order = kinds.flatMap((kind) => Array.from({ length: kind.share }, () => kind));
  const times = new Map<string, number[]>(kinds.map(({ name }) => [name, []]));
  const failures: string[] = [];
  const calls: Promise<void>[] = [];
  const startedAt = performance.now();
  const one = async (turn: number): Promise<void> => {
    // 7 is prime to forty: the kinds come mixed.
    const kind = order[(turn * 7) % order.length];
    if (!kind) return;
    const dueAt = startedAt + (turn / rate) * 1000;
    try {
      await kind.run(callerOf(target, agent), target.flowIds[turn % target.flowIds.length] ?? '', turn);
      times.get(kind.name)?.push(performance.now() - dueAt);
    } catch (error) {
      failures.push(`${kind.name}: ${String(error)}`);
    }
  };
  await new Promise<void>((resolve) => {
    let turn = 0;
    const timer = setInterval(() => {
      const due = Math.min(rate * seconds, Math.floor(((performance.now() - startedAt) / 1000) * rate));
      while (turn < due) calls.push(one(turn++));
      if (turn < rate * seconds) return;
      clearInterval(timer);
      resolve();
    }, 2);
  });
  await Promise.all(calls);
  agent.destroy();
  return { times, failures };
}

const callerOf =
  ({ url, authorization }: Target, agent: Agent): Caller =>
  (method, path, body) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers = { authorization, ...(text !== undefined && { 'content-type': 'application/json' }) };
      const asking = request(`${url}/api/v1${path}`, { method, agent, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('error', reject);
        answer.once('end', () => {
          const said = Buffer.concat(chunks).toString();
          if ((answer.statusCode ?? 500) >= 400) reject(new Error(`${answer.statusCode} ${said.slice(0, 200)}`));
          else resolve(said === '' ? undefined : JSON.parse(said));
        });
      });
      asking.once('error', reject);
      asking.end(text);
    });
