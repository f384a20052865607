import { describe, expect, it } from 'vitest';
import type { Health } from '../../relay/contract/health.ts';
import { createHealthDesk } from '../../server/health.ts';
import { temporaryHistory } from '../kit/history.ts';

const SECOND = 1000;
const channel = { flowId: 'f1', pipeline: 'primary', endpointId: 'input' } as const;

/** A second of an SRT input with one track. */
const second = (at: number, dropped: number): Health => ({
  boot: 'b',
  seconds: [
    {
      seq: 0,
      at,
      endpoints: [
        {
          flowId: 'f1',
          pipeline: 'primary',
          id: 'input',
          values: { bitrate: 8e6, dropped, rttMs: 40, latencyMs: 120, lossRatio: 0 },
          tracks: [
            { id: 'pid 256', kind: 'video', codec: 'H.264', width: 1920, height: 1080, values: { bitrate: 7e6 } },
          ],
        },
      ],
    },
  ],
});

/** A desk over a real history, with a clock that is turned by hand. */
async function openDesk() {
  const { history } = await temporaryHistory();
  const clock = { now: Math.floor(Date.now() / SECOND) * SECOND - 600 * SECOND };
  const desk = createHealthDesk({
    history,
    retentionDays: 7,
    failingSince: () => undefined,
    now: () => clock.now,
    ticks: () => clock.now,
  });
  return { desk, clock, begin: clock.now };
}

describe('the health desk', () => {
  it('tells what was measured just now, and forgets it when the relay falls silent', async () => {
    const { desk, clock } = await openDesk();
    await desk.take(second(clock.now, 0));
    expect(desk.now('f1')).toMatchObject([{ id: 'input', tracks: [{ codec: 'H.264' }], latency: { seconds: 1 } }]);
    clock.now += 4 * SECOND;
    expect(desk.now('f1')).toEqual([]);
  });

  it('knows afterwards what each track was', async () => {
    const { desk, clock, begin } = await openDesk();
    await desk.take(second(begin, 0));
    clock.now += 60 * SECOND;
    const channels = await desk.channels('f1', begin, clock.now);
    expect(channels.find(({ track }) => track === 'pid 256')).toEqual({
      ...channel,
      track: 'pid 256',
      about: { kind: 'video', codec: 'H.264', width: 1920, height: 1080 },
      since: begin,
    });
  });

  it('begins its totals anew, deletes nothing, and marks when', async () => {
    const { desk, clock, begin } = await openDesk();
    for (let count = 0; count < 5; count++) {
      await desk.take(second(clock.now, 2));
      clock.now += SECOND;
    }
    expect(await desk.totals(channel)).toEqual({ since: 0, sums: { dropped: 10 } });
    const at = await desk.reset(channel);
    expect(at).toBe(clock.now);
    await desk.take(second(clock.now, 3));
    clock.now += SECOND;
    expect(await desk.totals(channel)).toEqual({ since: at, sums: { dropped: 3 } });
    const { columns, marks } = await desk.read({ channel, from: begin, to: clock.now, fields: ['dropped'] });
    expect([...(columns[0]?.values ?? [])]).toEqual([2, 2, 2, 2, 2, 3]);
    expect(marks).toEqual([at]);
  });
});
