import { describe, expect, it } from 'vitest';
import type { EndpointHealth, Health } from '../../relay/contract/health.ts';
import { SILENT_MS } from '../../server/fleet.ts';
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
const rates = (ends: readonly EndpointHealth[]) => ends.map(({ id, values }) => [id, values['bitrate']]);

describe('the newest reading of an endpoint', () => {
  it('is the last second that its relay told', () => {
    const newest = createNewest();
    newest.take(told([WALL - 1000, [end(1), end(5, 'o1')]], [WALL, [end(2)]]), WALL, 0);
    expect(rates(newest.of('f1', 100))).toEqual([
      ['input', 2],
      ['o1', 5],
    ]);
    expect(newest.of('f2', 100)).toEqual([]);
  });

  it('is dropped when its relay falls silent: unknown is never shown as known', () => {
    const newest = createNewest();
    newest.take(told([WALL, [end(1)]]), WALL, 0);
    expect(newest.of('f1', SILENT_MS)).toHaveLength(1);
    expect(newest.of('f1', SILENT_MS + 1)).toEqual([]);
  });

  it('is not what a relay that was away hands in of the minutes before', () => {
    const newest = createNewest();
    newest.take(told([WALL - 300_000, [end(1)]]), WALL, 0);
    expect(newest.of('f1', 0)).toEqual([]);
  });

  it('is not replaced by an older second that comes late', () => {
    const newest = createNewest();
    newest.take(told([WALL, [end(2)]]), WALL, 0);
    newest.take(told([WALL - 2000, [end(1)]]), WALL, 100);
    expect(rates(newest.of('f1', 200))).toEqual([['input', 2]]);
  });
});
