import { describe, expect, it } from 'vitest';
import type { History } from '../../db/history.ts';
import { healthChannel, temporaryHistory } from '../kit/history.ts';

const HOUR = 3_600_000;
const past = Math.floor(Date.now() / HOUR) * HOUR - 6 * HOUR;
const track = healthChannel({ track: 'pid 256' });

const measure = (history: History, at: number) =>
  history.write([
    { channel: healthChannel(), at, values: { dropped: 0 } },
    { channel: track, at, values: { bitrate: 1000 } },
  ]);
const notesOf = async (history: History, from: number, to: number) =>
  (await history.channels({ flowId: 'flow-1', from, to })).map(({ track: id, note }) => [id, note]);

describe('what a track is', () => {
  it('is told of each range as it was then, after a restart too', async () => {
    const first = await temporaryHistory();
    await Promise.all([measure(first.history, past), measure(first.history, past + HOUR)]);
    await first.history.describe([
      { channel: track, at: past, about: 'small' },
      { channel: track, at: past + HOUR, about: 'large' },
    ]);
    await first.history.close();
    const { history } = await temporaryHistory({ folder: first.folder });
    expect(await notesOf(history, past, past + 1000)).toEqual([
      [undefined, undefined],
      ['pid 256', { at: past, about: 'small' }],
    ]);
    expect(await notesOf(history, past, past + HOUR + 1000)).toContainEqual([
      'pid 256',
      { at: past + HOUR, about: 'large' },
    ]);
  });

  it('is noted once while it stays the same', async () => {
    const { history } = await temporaryHistory();
    await measure(history, past);
    for (const at of [past, past + 600_000, past + 1_200_000])
      await history.describe([{ channel: track, at, about: 'small' }]);
    expect(await notesOf(history, past, past + HOUR)).toContainEqual(['pid 256', { at: past, about: 'small' }]);
  });

  it('is still known of the days that are kept when older ones are thrown away', async () => {
    const { history } = await temporaryHistory({ retentionDays: 1 });
    await measure(history, past);
    await history.seal();
    await history.describe([
      { channel: track, at: past - 48 * HOUR, about: 'first' },
      { channel: track, at: past - 30 * HOUR, about: 'second' },
    ]);
    await history.prune(Date.now());
    expect(await notesOf(history, past, past + 1000)).toContainEqual([
      'pid 256',
      { at: past - 30 * HOUR, about: 'second' },
    ]);
  });
});
