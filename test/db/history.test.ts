import { describe, expect, it } from 'vitest';
import { healthChannel, temporaryHistory } from '../kit/history.ts';

const channel = healthChannel();
const track = healthChannel({ track: 'pid 256' });

describe('health', () => {
  it('is read as it was written, and a second without a sample is a gap', async () => {
    const { history } = await temporaryHistory();
    const now = Math.floor(Date.now() / 1000) * 1000;
    await history.write([
      { channel, at: now - 3000, values: { bitrate: 5_000_000, rttMs: 20.3 } },
      { channel, at: now - 1000, values: { bitrate: 6_000_000 } },
    ]);
    const series = await history.read({ channel, from: now - 4000, to: now, fields: ['bitrate', 'rttMs'] });
    expect(series).toEqual({
      from: now - 4000,
      stepMs: 1000,
      count: 4,
      columns: [
        { field: 'bitrate', values: Float64Array.of(Number.NaN, 5_000_000, Number.NaN, 6_000_000) },
        { field: 'rttMs', values: Float64Array.of(Number.NaN, 20.3, Number.NaN, Number.NaN) },
      ],
      marks: [],
    });
    await history.write([{ channel: track, at: now - 3000, values: { frameRate: 25 } }]);
    await history.seal();
    expect(await history.read({ channel, from: now - 4000, to: now, fields: ['bitrate', 'rttMs'] })).toEqual(series);
    expect(await history.channels({ flowId: 'flow-1', from: now - 4000, to: now })).toEqual([channel, track]);
  });
});
