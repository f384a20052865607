import { describe, expect, it } from 'vitest';
import type { EndpointHealth, Health } from '../../relay/contract/health.ts';
import { SILENT_MS } from '../../server/relay-view.ts';
import { createNewest } from '../../server/health-newest.ts';

const WALL = 1_800_000_000_000;
const end = (bitrate: number, id = 'input'): EndpointHealth => ({
  flowId: 'f1',
  pipeline: 'primary',
  id,
  values: { bitrate },
  tracks: [],
});
const told = (...seconds: readonly (readonly [at: number, ends: EndpointHealth[]])[]): Health => ({
  boot: 'b',
  seconds: seconds.map(([at, endpoints], seq) => ({ seq, at, endpoints })),
});
const at = (ticks: number) => ({ wall: WALL + ticks, ticks });
const rates = (ends: readonly EndpointHealth[]) => ends.map(({ id, values }) => [id, values['bitrate']]);

describe('the newest reading of an endpoint', () => {
  it('is the last second that its relay told', () => {
    const newest = createNewest();
    newest.take(told([WALL - 1000, [end(1), end(5, 'o1')]], [WALL, [end(2)]]), at(0));
    expect(rates(newest.of('f1', at(100)))).toEqual([
      ['input', 2],
      ['o1', 5],
    ]);
    expect(newest.of('f2', at(100))).toEqual([]);
  });

  it('is dropped when its relay falls silent: unknown is never shown as known', () => {
    const newest = createNewest();
    newest.take(told([WALL, [end(1)]]), at(0));
    expect(newest.of('f1', at(SILENT_MS))).toHaveLength(1);
    expect(newest.of('f1', at(SILENT_MS + 1))).toEqual([]);
  });

  it('is not what a relay that was away hands in of the minutes before', () => {
    const newest = createNewest();
    newest.take(told([WALL - 300_000, [end(1)]]), at(0));
    expect(newest.of('f1', at(0))).toEqual([]);
  });

  it('is not replaced by an older second that comes late', () => {
    const newest = createNewest();
    newest.take(told([WALL, [end(2)]]), at(0));
    newest.take(told([WALL - 2000, [end(1)]]), at(100));
    expect(rates(newest.of('f1', at(200)))).toEqual([['input', 2]]);
  });

  it('has the advice of its last five minutes, though its relay hands them in late', () => {
    const newest = createNewest();
    const srt = (): EndpointHealth => ({
      ...end(1),
      values: { rttMs: 50, latencyMs: 120, lossRatio: 0.02, dropped: 0 },
    });
    const minutes = Array.from({ length: 100 }, (_, second): [number, EndpointHealth[]] => [
      WALL - 99_000 + second * 1000,
      [srt()],
    ]);
    newest.take(told(...minutes), at(0));
    const [now] = newest.of('f1', at(0));
    expect(now?.latency).toMatchObject({ seconds: 100, advice: { suggestedMs: 250, verdict: 'too-short' } });
    const [later] = newest.of('f1', { wall: WALL + 260_000, ticks: 0 });
    expect(later?.latency).toEqual({ seconds: 40, advice: undefined });
    newest.take(told([WALL, [end(1, 'o1')]]), at(0));
    expect(newest.of('f1', at(0))[1]?.latency).toBeUndefined();
  });
});
