/** An operator restarts the relays while a stream runs over both: how long each pipeline is gone, and that it is never both. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FlowView, PASSWORD } from '../kit/house.ts';
import { freePorts } from '../kit/free-ports.ts';
import { startFlowOf } from '../kit/flow-kit.ts';
import { run } from '../kit/program.ts';
import { inputPorts, openStage, type Stage } from '../kit/stage.ts';
import { until } from '../kit/until.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => {
  await stage.clear();
  await stage.close();
});

describe('a restart of all relays in order', () => {
  it('interrupts the backup, then the primary, never both, and all moves again', async () => {
    const { house } = stage;
    const [near = 0, spare = 0] = await freePorts(2);
    await stage.keep(receiveAgain(near));
    await stage.keep(receiveAgain(spare));
    const flow = await startFlowOf(house, {
      ...{ name: 'Match', protocol: 'srt' },
      outputs: [
        {
          name: 'Studio',
          protocol: 'srt',
          destination: { host: '127.0.0.1', port: near },
          backup: { host: '127.0.0.1', port: spare },
        },
      ],
    });
    const encoders = inputPorts(flow).map((port) => keepPushing(port));
    await until('both pipelines deliver', async () => (await connected(flow)).length === 4, 30);

    const cookie = await logIn();
    const answer = await postForm('/settings/relays/restart', cookie);
    expect(answer.status).toBe(303);
    const seen: string[][] = [];
    let page = '';
    await until(
      'the restart is over',
      async () => {
        seen.push(await connected(flow));
        page = await (await fetch(`${house.url}/settings`, { headers: { cookie } })).text();
        return !page.includes('Restarting') && page.includes('moved again after');
      },
      90,
    );
    for (const encoder of encoders) encoder.stop();
    const gaps = [
      ...page.matchAll(/(\S+) was restarted; all that it carried moved again after ([^.<]+(?:\.\d+)? m?s)\./g),
    ];
    console.log(
      'gaps',
      gaps.map(([, relay, gap]) => `${relay} ${gap}`),
    );
    expect(gaps.map(([, relay]) => relay?.replace(/^.*>/, ''))).toEqual(['europe-2', 'europe-1']);
    expect(Math.min(...seen.map((ends) => ends.length))).toBeLessThan(4);
    for (const ends of seen) expect(ends).not.toEqual([]);
    expect(await connected(flow)).toHaveLength(4);
  });
});

/** As an encoder does that calls again by itself. */
function keepPushing(port: number): { stop(): void } {
  const over = new AbortController();
  const push = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const source = ['-re', '-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25', '-t', '120', '-c:v', 'libx264'];
      const codec = ['-preset', 'ultrafast', '-g', '25', '-pix_fmt', 'yuv420p', '-f', 'mpegts'];
      const to = `srt://127.0.0.1:${port}?mode=caller&pkt_size=1316`;
      const program = await stage.keep(run('ffmpeg', ['-loglevel', 'error', '-nostdin', ...source, ...codec, to]));
      await program.ended;
    }
  };
  void push();
  return { stop: () => over.abort() };
}

/** It waits for the next caller when one has gone. */
const receiveAgain = (port: number) =>
  run('sh', [
    '-c',
    'exec srt-live-transmit -q -a yes "$0" file://con > /dev/null',
    `srt://127.0.0.1:${port}?mode=listener`,
  ]);

/** The ends of the flow's own input and outputs on which media moves now, by their pipelines. */
async function connected({ id }: FlowView): Promise<string[]> {
  const { input, outputs } = await stage.house.flow(id);
  const statuses = [input.status, ...outputs.map(({ status }) => status)];
  return statuses.flatMap((status) =>
    (['primary', 'backup'] as const).filter((pipeline) => status[pipeline]?.state === 'connected'),
  );
}

const postForm = (path: string, cookie: string, fields: Record<string, string> = {}): Promise<Response> =>
  fetch(`${stage.house.url}${path}`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams(fields),
    headers: { cookie, 'sec-fetch-site': 'same-origin', origin: stage.house.url },
  });

async function logIn(): Promise<string> {
  const answer = await postForm('/login', '', { password: PASSWORD });
  return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}
