import { describe, expect, it } from 'vitest';
import { Preview, type Viewer } from '../../relay/preview.ts';
import { createBatch } from '../kit/fake-ends.ts';

/** A viewer whose backlog a test sets. */
function createViewer() {
  const sent: Uint8Array[] = [];
  const state = { waiting: 0, closed: false };
  const viewer: Viewer = {
    send: (bytes) => void sent.push(Uint8Array.from(bytes)),
    waiting: () => state.waiting,
    close: () => {
      state.closed = true;
    },
  };
  return { sent, state, viewer };
}

describe('a preview', () => {
  it('hands TS on as it arrives', () => {
    const { sent, viewer } = createViewer();
    const preview = new Preview('ts', [], viewer);
    const batch = createBatch(7);
    preview.take(batch);
    preview.take(batch);
    expect(sent).toEqual([batch.data, batch.data]);
  });

  it('lets media go while its viewer is behind, and goes on once half of what waited is out', () => {
    const { sent, state, viewer } = createViewer();
    const preview = new Preview('ts', [], viewer);
    const taken = (waiting: number): number => {
      const before = sent.length;
      state.waiting = waiting;
      preview.take(createBatch(7));
      return sent.length - before;
    };
    expect([4_000_000, 4_000_001, 3_000_000, 2_000_001, 2_000_000].map(taken)).toEqual([1, 0, 0, 0, 1]);
  });

  it('ends its viewer when the pipeline closes', () => {
    const { state, viewer } = createViewer();
    new Preview('ts', [], viewer).close();
    expect(state.closed).toBe(true);
  });
});
