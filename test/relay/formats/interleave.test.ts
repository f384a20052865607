import { describe, expect, it } from 'vitest';
import type { Lane } from '../../../relay/formats/access-unit.ts';
import { Interleaver } from '../../../relay/formats/interleave.ts';
import { limits } from '../../../relay/formats/limits.ts';

const start = (waitMs = 400) => {
  const out: string[] = [];
  const interleaver = new Interleaver<string>(waitMs, (item) => out.push(item));
  interleaver.expect('video', true);
  interleaver.expect('audio', true);
  const push = (lane: Lane, ms: number, sinceMs = 0, bytes = 1) =>
    interleaver.push(lane, { dts: ms * 90, item: `${lane[0]}${ms}`, bytes, sinceMs });
  return { out, interleaver, push };
};

describe('the interleaver', () => {
  it('sends the frames of two tracks in order of dts, each as soon as nothing earlier can come', () => {
    const { out, push } = start();
    push('video', 0);
    expect(out).toEqual([]);
    push('audio', 10);
    expect(out).toEqual(['v0']);
    push('video', 40);
    expect(out).toEqual(['v0', 'a10']);
    push('audio', 60);
    expect(out).toEqual(['v0', 'a10', 'v40']);
  });

  it('trap 21, silent sound: the picture waits 400 ms by the clock once, and then no more', () => {
    const { out, push, interleaver } = start();
    push('video', 0, 1000);
    interleaver.flush(1399);
    expect(out).toEqual([]);
    interleaver.flush(1400);
    expect(out).toEqual(['v0']);
    push('video', 40, 1440);
    expect(out).toEqual(['v0', 'v40']);
  });

  it('trap 21, silent sound: the picture waits no more than 400 ms of media, though the clock stands still', () => {
    const { out, push } = start();
    for (let ms = 0; ms <= 400; ms += 40) push('video', ms);
    expect(out.length).toBe(11);
  });

  it('waits again for a track that speaks again', () => {
    const { out, push, interleaver } = start();
    push('video', 0);
    interleaver.flush(400);
    push('audio', 20, 400);
    push('video', 40, 410);
    expect(out).toEqual(['v0', 'a20']);
  });

  it('waits for nothing where no wait is asked for, and for no track that is not there', () => {
    const { out, push } = start(0);
    push('video', 40);
    push('audio', 0);
    expect(out).toEqual(['v40', 'a0']);
    const alone = start();
    alone.interleaver.expect('audio', false);
    alone.push('video', 0);
    expect(alone.out).toEqual(['v0']);
  });

  it('trap 9, bounds: holds no more frames and no more bytes than it may', () => {
    const { out, push } = start();
    for (let i = 0; i <= limits.interleaveUnits; i++) push('video', 0);
    expect(out.length).toBeGreaterThan(0);
    const large = start();
    large.push('video', 0, 0, limits.interleaveBytes + 1);
    expect(large.out).toEqual(['v0']);
  });

  it('gives all that is left at the end, in order', () => {
    const { out, push, interleaver } = start();
    push('video', 0);
    push('video', 40);
    interleaver.end();
    expect(out).toEqual(['v0', 'v40']);
  });
});
