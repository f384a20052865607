import { describe, expect, it } from 'vitest';
import { HistoryError, type TrackNote } from '../../db/history-model.ts';
import type { Health } from '../../relay/contract/health.ts';
import { createTrackNotes, readAbout } from '../../server/track-notes.ts';

const video = (width: number, at: number): Health => ({
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
          values: {},
          tracks: [{ id: 'pid 256', kind: 'video', codec: 'H.264', width, height: 1080, values: { bitrate: 1 } }],
        },
      ],
    },
  ],
});

describe('the notes on tracks', () => {
  const kept: TrackNote[] = [];
  const keeper = () => {
    kept.length = 0;
    return createTrackNotes({ describe: async (notes) => void kept.push(...notes) });
  };
  const widths = () => kept.map(({ about }) => readAbout(about)?.width);

  it('are written when a track is first seen, when it changes, and again from time to time', async () => {
    const notes = keeper();
    for (let second = 0; second < 700; second++) await notes.take(video(second < 5 ? 1280 : 1920, second * 1000));
    expect(widths()).toEqual([1280, 1920, 1920]);
    expect(kept.map(({ at }) => at)).toEqual([0, 5000, 600_000]);
    expect(kept[0]?.channel).toEqual({ flowId: 'f1', pipeline: 'primary', endpointId: 'input', track: 'pid 256' });
  });

  it('of a stream that changes each second are few', async () => {
    const notes = keeper();
    for (let second = 0; second < 600; second++) await notes.take(video(second, second * 1000));
    expect(kept.length).toBe(7);
  });

  it('that could not be kept are written again, and hold up no health', async () => {
    let isBroken = true;
    kept.length = 0;
    const notes = createTrackNotes({
      describe: async (fresh) => {
        if (isBroken) throw new HistoryError('unavailable', 'full');
        kept.push(...fresh);
      },
    });
    await notes.take(video(1920, 0));
    isBroken = false;
    await notes.take(video(1920, 1000));
    expect(widths()).toEqual([1920]);
  });

  it('that are not to be read are none', () => {
    expect([readAbout(undefined), readAbout('{'), readAbout('{"kind":"smell"}')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
