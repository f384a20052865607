import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPreviews, LONGEST_MS } from '../../server/previews.ts';
import { endpoint } from '../kit/console-house.ts';
import { must } from '../kit/must.ts';
import { flow } from '../kit/samples.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const camera = flow({ running: true });
const chunk = new Uint8Array(188).fill(0x47);

function createHouse({ isConnected = true, ask = async (): Promise<unknown> => undefined } = {}) {
  const said: string[] = [];
  const endpoints = [endpoint(camera.id, { state: isConnected ? 'connected' : 'waiting' })];
  const previews = createPreviews({
    monitor: { live: () => ({ flow: camera, state: 'running', endpoints, relayLost: false }) },
    ask,
    say: (what) => said.push(what),
  });
  return { previews, said };
}

/** A preview that is under way: its reader, and the relay's side. */
function begin({ previews }: ReturnType<typeof createHouse>) {
  const ticket = previews.open(camera, 'primary');
  const reader = previews.watch(ticket).getReader();
  const hangUp = vi.fn<() => void>();
  const feed = must(previews.join(ticket, hangUp), 'feed');
  return { ticket, reader, hangUp, feed };
}

describe('a preview', () => {
  it('is refused while nothing arrives at the input', () => {
    const { previews } = createHouse({ isConnected: false });
    expect(() => previews.open(camera, 'primary')).toThrow('No media arrives');
  });

  it('hands what the relay brings to the one viewer with the ticket', async () => {
    const { reader, feed } = begin(createHouse());
    feed.take(chunk);
    expect(await reader.read()).toEqual({ done: false, value: chunk });
  });

  it('is for one viewer, and for one relay', () => {
    const house = createHouse();
    const { ticket } = begin(house);
    expect(() => house.previews.watch(ticket)).toThrow('This preview is over');
    expect(house.previews.join(ticket, () => {})).toBeUndefined();
  });

  it('knows no ticket that was made up, and none that waited for too long', () => {
    const { previews } = createHouse();
    const ticket = previews.open(camera, 'primary');
    vi.advanceTimersByTime(30_000);
    expect(() => previews.watch(ticket)).toThrow('This preview is over');
    expect(previews.join('made-up', () => {})).toBeUndefined();
  });

  it('hangs up on the relay when the viewer leaves', async () => {
    const house = createHouse();
    const { reader, hangUp, feed } = begin(house);
    await reader.cancel();
    feed.take(chunk);
    expect(hangUp).toHaveBeenCalledOnce();
    expect(house.said).toEqual(['preview began', 'preview ended']);
  });

  it('ends for the viewer when the relay ends it, when the relay says no, and after ten minutes', async () => {
    const first = begin(createHouse());
    first.feed.ended();
    expect(await first.reader.read()).toMatchObject({ done: true });

    const refused = createHouse({ ask: () => Promise.reject(new Error('no such input')) });
    const second = refused.previews.watch(refused.previews.open(camera, 'primary')).getReader();
    expect(await second.read()).toMatchObject({ done: true });

    const third = begin(createHouse());
    vi.advanceTimersByTime(LONGEST_MS);
    expect(await third.reader.read()).toMatchObject({ done: true });
    expect(third.hangUp).toHaveBeenCalledOnce();
  });

  it('holds no more than 4 MB for a viewer that does not read', async () => {
    const { reader, feed } = begin(createHouse());
    const large = new Uint8Array(1_000_000);
    for (let time = 0; time < 100; time++) feed.take(large);
    feed.ended();
    let bytes = 0;
    for (let next = await reader.read(); !next.done; next = await reader.read()) bytes += next.value.length;
    expect(bytes).toBe(4_000_000);
  });

  it('is refused when sixteen are open', () => {
    const { previews } = createHouse();
    for (let time = 0; time < 16; time++) previews.open(camera, 'primary');
    expect(() => previews.open(camera, 'primary')).toThrow('Too many previews');
  });
});
