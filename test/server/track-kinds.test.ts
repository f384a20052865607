import { describe, expect, it } from 'vitest';
import type { Health, TrackHealth } from '../../relay/contract/health.ts';
import { createTrackKinds } from '../../server/track-kinds.ts';
import { until } from '../kit/until.ts';

const health = (flowId: string, tracks: Readonly<Record<string, TrackHealth['kind']>>): Health => ({
  boot: 'boot',
  seconds: [
    {
      seq: 1,
      at: 1000,
      endpoints: [
        {
          flowId,
          pipeline: 'primary',
          id: 'input',
          values: {},
          tracks: Object.entries(tracks).map(([id, kind]) => ({ id, kind, codec: 'H.264', values: {} })),
        },
      ],
    },
  ],
});

function openKinds(saved?: string, isKnown: (flowId: string) => boolean = () => true) {
  const saves: string[] = [];
  const complaints: string[] = [];
  const settings = { fails: false };
  const kinds = createTrackKinds({
    saved,
    save: async (text) => {
      if (settings.fails) throw new Error('full');
      saves.push(text);
    },
    isKnown,
    complain: (what) => void complaints.push(what),
  });
  return { kinds, saves, complaints, settings };
}

describe('the kind of a track', () => {
  it('is known from the moment that a relay tells it, and after a restart', async () => {
    const { kinds, saves } = openKinds();
    kinds.note(health('flow', { 'pid 256': 'video', 'pid 257': 'audio' }));
    expect([kinds.of('flow', 'pid 256'), kinds.of('flow', 'pid 257'), kinds.of('flow', 'pid 258')]).toEqual([
      'video',
      'audio',
      undefined,
    ]);
    await until('it is saved', () => saves.length > 0);
    expect(openKinds(saves.at(-1)).kinds.of('flow', 'pid 257')).toBe('audio');
  });

  it('is written when it is new, and not each second', async () => {
    const { kinds, saves } = openKinds();
    for (let second = 0; second < 50; second++) kinds.note(health('flow', { video: 'video' }));
    await until('it is saved', () => saves.length > 0);
    expect(saves).toHaveLength(1);
    kinds.note(health('flow', { video: 'audio' }));
    await until('the change is saved', () => saves.length > 1);
    expect(kinds.of('flow', 'video')).toBe('audio');
  });

  it('is forgotten with its flow', async () => {
    const { kinds, saves } = openKinds('{"gone":{"video":"video"}}', (flowId) => flowId === 'flow');
    kinds.note(health('flow', { audio: 'audio' }));
    await until('it is saved', () => saves.length > 0);
    expect(saves).toEqual(['{"flow":{"audio":"audio"}}']);
  });

  it('takes little room, however many tracks a stream has had', () => {
    const { kinds } = openKinds();
    for (let pid = 0; pid < 1000; pid++) kinds.note(health('flow', { [`pid ${pid}`]: 'video' }));
    const known = Array.from({ length: 1000 }, (_, pid) => kinds.of('flow', `pid ${pid}`)).filter(Boolean);
    expect(known).toHaveLength(256);
    expect(kinds.of('flow', 'pid 999')).toBe('video');
  });

  it('is known all the same while it cannot be written, which is told', async () => {
    const { kinds, complaints, settings } = openKinds();
    settings.fails = true;
    kinds.note(health('flow', { video: 'video' }));
    await until('it is told', () => complaints.length > 0);
    expect(kinds.of('flow', 'video')).toBe('video');
  });
});
