/** The operator's log as real encoders and receivers fill it: each cause under its own code, soon, once, and not too often. */
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeClips } from '../kit/clips.ts';
import { type Clip, pushWith } from '../kit/encoders.ts';
import { type EventView, eventsOf, pushTarget, startFlowOf } from '../kit/flow-kit.ts';
import { freePorts } from '../kit/free-ports.ts';
import type { FlowView } from '../kit/house.ts';
import { receive } from '../kit/peers.ts';
import { type Program, run } from '../kit/program.ts';
import { openStage, type Stage } from '../kit/stage.ts';
import { until } from '../kit/until.ts';

const PASSPHRASE = 'the-right-passphrase';
const encrypted = { encryption: { keyLength: 256, passphrase: PASSPHRASE } };
const elsewhere = { allowlist: ['192.0.2.0/24'] };

let stage: Stage;
let clip: Clip;
const delays: number[] = [];

beforeAll(async () => {
  stage = await openStage();
  clip = makeClips(stage.file('.'), { seconds: 10 });
});
afterEach(() => stage.clear());
afterAll(async () => {
  console.info(
    `From an event at the relay to its line over REST: at most ${Math.max(...delays)} ms of ${delays.length}`,
  );
  await stage.close();
});

type WayIn = 'srt' | 'rtmp' | 'rtp';

/** A running flow to a place where nobody need listen. */
async function start(protocol: WayIn, input: object = {}, port?: number): Promise<FlowView> {
  const [free = 0] = await freePorts(1);
  return startFlowOf(stage.house, {
    name: `Camera ${protocol}`,
    protocol,
    input,
    outputs: [{ name: 'Studio', protocol: 'srt', destination: { host: '127.0.0.1', port: port ?? free } }],
  });
}

/** The first line of the kind, and how long it took from the relay to here. */
async function line(flow: FlowView, code: string, facts: object = {}): Promise<EventView> {
  let events: readonly EventView[] = [];
  const found = await until(
    `a line ${code} ${JSON.stringify(facts)}`,
    async () => {
      events = await eventsOf(stage.house, flow.id);
      return events.find((event) => event.code === code && has(event.facts, facts));
    },
    10,
  ).catch((error: unknown) => {
    throw new Error(`The log holds:\n${textOf(events)}`, { cause: error });
  });
  return found;
}

const textOf = (events: readonly EventView[]): string =>
  events
    .toReversed()
    .map(({ code, name, count, facts }) => `${name}: ${code} x${count} ${JSON.stringify(facts)}`)
    .join('\n');

const has = (facts: EventView['facts'], wanted: object): boolean =>
  Object.entries(wanted).every(([name, value]) => facts[name] === value);

/** The line of a refusal, and how long it took from the relay to here. */
async function refusal(flow: FlowView, cause: string): Promise<EventView> {
  const found = await line(flow, 'refused', { cause });
  delays.push(Date.now() - found.at);
  return found;
}

/** ffmpeg, as an encoder in the field calls. */
const push = (flow: FlowView, options: Readonly<Record<string, string>> = {}): Promise<Program> => {
  const { protocol, url } = pushTarget(flow);
  const query = new URLSearchParams({ pkt_size: '1316', ...options }).toString();
  if (protocol !== 'srt') return stage.keep(pushWith(clip.ts, { protocol, url }));
  const to = `${url}?mode=caller&${query.replaceAll('+', '%20')}`;
  return stage.keep(
    run('ffmpeg', [...['-loglevel', 'warning', '-nostdin', '-re', '-i', clip.ts], '-c', 'copy', '-f', 'mpegts', to]),
  );
};

const pushKey = (flow: FlowView, key: string): Promise<Program> => {
  const url = pushTarget(flow).url.replace(/[^/]+$/, key);
  return stage.keep(pushWith(clip.ts, { protocol: 'rtmp', url }));
};

const peer = { address: '127.0.0.1' };

describe('an SRT caller that is refused', () => {
  it('stands in the log with the one cause that it was refused for', async () => {
    const [secret, clear, foreign] = [await start('srt', encrypted), await start('srt'), await start('srt', elsewhere)];
    await push(secret);
    expect(await refusal(secret, 'passphrase-missing')).toMatchObject({ endpoint: 'input', pipeline: 'primary', peer });
    await push(secret, { passphrase: 'the-wrong-passphrase', pbkeylen: '32' });
    await refusal(secret, 'passphrase-wrong');
    await push(clear, { passphrase: PASSPHRASE, pbkeylen: '32' });
    await refusal(clear, 'passphrase-unexpected');
    await push(foreign);
    await refusal(foreign, 'address-not-allowed');
    await push(clear);
    await line(clear, 'connected', { keyLength: 0 });
    await push(clear);
    await refusal(clear, 'already-in-use');
    for (const [flow, causes] of [
      [secret, 2],
      [clear, 2],
      [foreign, 1],
    ] as const)
      expect(
        new Set(
          (await eventsOf(stage.house, flow.id))
            .filter(({ code }) => code === 'refused')
            .map(({ facts }) => facts['cause']),
        ).size,
      ).toBe(causes);
  });

  it('for another key length is told so, and the right one is let in after it', async () => {
    const flow = await start('srt', encrypted);
    await (await push(flow, { passphrase: PASSPHRASE, pbkeylen: '16' })).ended;
    await refusal(flow, 'key-length-wrong');
    await push(flow, { passphrase: PASSPHRASE, pbkeylen: '32' });
    const connected = await line(flow, 'connected');
    expect(connected).toMatchObject({ facts: { protocol: 'srt', latencyMs: 120, keyLength: 256 }, peer });
  });
});

describe('an RTMP publisher that is refused', () => {
  it('stands in the log with the one cause that it was refused for', async () => {
    const [flow, foreign] = [await start('rtmp'), await start('rtmp', elsewhere)];
    await pushKey(flow, 'no-such-key');
    expect(await refusal(flow, 'stream-key-wrong')).toMatchObject({ endpoint: 'input', pipeline: 'primary', peer });
    await push(foreign);
    await refusal(foreign, 'address-not-allowed');
    const first = await push(flow);
    await line(flow, 'connected', { protocol: 'rtmp' });
    await push(flow);
    await refusal(flow, 'already-in-use');
    await first.end('SIGKILL');
    await line(flow, 'disconnected');
    // The port is shared: it is open as long as any flow needs it.
    await stage.house.api('POST', `/flows/${flow.id}/stop`);
    await line(flow, 'flow-stopped', { by: 'api', key: 'test-key-id' });
    await push(flow);
    await refusal(flow, 'flow-stopped');
  });

  it('because its address has too many connections is told to each flow of the port', async () => {
    const flow = await start('rtmp');
    const port = Number(new URL(pushTarget(flow).url).port);
    const sockets: Socket[] = [];
    try {
      for (let i = 0; i < 100; i++) sockets.push(connect(port, '127.0.0.1').on('error', () => undefined));
      await refusal(flow, 'over-caller-limit');
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });
});

describe('an RTP sender that is not taken', () => {
  it('stands in the log with the one cause that it was not taken for', async () => {
    const [flow, foreign] = [await start('rtp'), await start('rtp', elsewhere)];
    await push(foreign);
    expect(await refusal(foreign, 'address-not-allowed')).toMatchObject({ endpoint: 'input', peer });
    await push(flow);
    await line(flow, 'connected', { protocol: 'rtp' });
    await push(flow);
    await refusal(flow, 'already-in-use');
  });
});

describe('the life of a stream', () => {
  it('reads from its start to its stop as an operator would tell it', async () => {
    const [port = 0] = await freePorts(1);
    const flow = await start('srt', {}, port);
    await line(flow, 'retry', { cause: 'no-answer' });
    await stage.keep(receive(port, stage.file('life.ts')));
    const encoder = await push(flow);
    const found = await line(flow, 'format-found');
    expect(found.facts['format']).toMatch(/^PID 256: H\.264 .* 320x180 30 fps; PID 257: AAC LC 48 kHz/);
    await until('the receiver is reached', async () => {
      const events = await eventsOf(stage.house, flow.id);
      return events.some(({ code, name }) => code === 'connected' && name === 'Studio');
    });
    await encoder.end('SIGKILL');
    await line(flow, 'disconnected', { protocol: 'srt' });
    await stage.house.api('POST', `/flows/${flow.id}/stop`);
    await until('our own good-bye', async () => {
      const events = await eventsOf(stage.house, flow.id);
      return events.some(({ code, facts }) => code === 'disconnected' && facts['cause'] === 'closed-here');
    });
    const told = (await eventsOf(stage.house, flow.id)).toReversed();
    console.info(
      told.map(({ code, name, count, facts }) => `${name} ${code} x${count} ${JSON.stringify(facts)}`).join('\n'),
    );
    const codes = told.filter(({ code }) => !['retry', 'stalled'].includes(code)).map(({ code }) => code);
    expect(codes.slice(0, 3)).toEqual(['flow-created', 'output-created', 'flow-started']);
    expect(told.every(({ count }) => count === 1)).toBe(true);
  });
});

describe('a caller that hammers at the door', () => {
  it('is a few lines whose counts are all of its attempts', async () => {
    const flow = await start('srt', encrypted);
    const attempts = 24;
    for (let i = 0; i < attempts; i++) await (await push(flow, { passphrase: 'the-wrong-passphrase' })).ended;
    const lines = await until(
      'all attempts are counted',
      async () => {
        const events = (await eventsOf(stage.house, flow.id)).filter(({ code }) => code === 'refused');
        return events.reduce((sum, { count }) => sum + count, 0) === attempts && events;
      },
      60,
    );
    console.info(`${attempts} attempts in ${lines.length} lines: ${lines.map(({ count }) => count).join(', ')}`);
    expect(lines.length).toBeLessThan(attempts / 2);
  });
});

describe('a server that dies', () => {
  it('finds in the log what happened while it was away, each once', async () => {
    const flow = await start('srt', encrypted);
    await push(flow);
    await refusal(flow, 'passphrase-missing');
    process.kill(stage.house.serverPid(), 'SIGKILL');
    await (await push(flow, { passphrase: 'the-wrong-passphrase', pbkeylen: '32' })).ended;
    await push(flow, { passphrase: PASSPHRASE, pbkeylen: '32' });
    await until(
      'the server is back',
      async () => (await fetch(`${stage.house.url}/readyz`).catch(() => undefined))?.ok,
      60,
    );
    await line(flow, 'refused', { cause: 'passphrase-wrong' });
    await line(flow, 'connected', { keyLength: 256 });
    const kept = (await eventsOf(stage.house, flow.id)).filter(({ code }) => ['refused', 'connected'].includes(code));
    expect(kept.map(({ code, facts }) => `${code} ${facts['cause'] ?? ''}`).toReversed()).toEqual([
      'refused passphrase-missing',
      'refused passphrase-wrong',
      'connected ',
    ]);
  });
});
