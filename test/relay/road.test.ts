import { describe, expect, it } from 'vitest';
import type { Container, MediaBatch } from '../../relay/media.ts';
import { toPacketBatch } from '../../relay/media.ts';
import { openFailoverRoad, openRoad, type RoadOptions } from '../../relay/road.ts';
import { makeClip } from './formats/clip.ts';
import { pieces, tagsOf } from './formats/drive.ts';
import { longestStep, survey } from './formats/survey.ts';

interface Heard {
  readonly delivered: MediaBatch[];
  readonly crossed: MediaBatch[];
  readonly events: string[];
}

function optionsFor(from: Container, ...to: Container[]): RoadOptions & Heard {
  const heard: Heard = { delivered: [], crossed: [], events: [] };
  return {
    ...heard,
    from,
    to: new Set(to),
    // Batches are on loan.
    deliver: (batch) => heard.delivered.push(batch.container === 'ts' ? { ...batch, data: batch.data.slice() } : batch),
    deliverCross: (batch) => heard.crossed.push(batch),
    witness: { counters: () => undefined },
    event: (code, facts) => heard.events.push(`${code} ${JSON.stringify(facts)}`),
  };
}

const clip = makeClip({ seconds: 4 });
const batches = pieces(clip).map((piece, index, { length }) => toPacketBatch(piece, (4e6 * index) / length));

const tsOf = (heard: Heard): Uint8Array =>
  Buffer.concat(heard.delivered.flatMap((batch) => (batch.container === 'ts' ? [batch.data] : [])));

describe('a road from TS', () => {
  it('hands the very batches to sinks of TS', () => {
    const options = optionsFor('ts', 'ts');
    const deliveredAsIs: MediaBatch[] = [];
    const road = openRoad({ ...options, deliver: (batch) => deliveredAsIs.push(batch) });
    for (const batch of batches) road.push('input', batch);
    expect(deliveredAsIs.every((batch, index) => batch === batches[index])).toBe(true);
  });

  it('makes tags only for sinks of FLV, and headers for those that come later', () => {
    const options = optionsFor('ts', 'ts', 'flv');
    const road = openRoad(options);
    for (const batch of batches) road.push('input', batch);
    const kinds = new Set(options.delivered.map(({ container }) => container));
    expect([kinds, road.headers().map(({ kind }) => kind)]).toEqual([
      new Set(['ts', 'flv']),
      ['data', 'video', 'audio'],
    ]);
  });

  it('tells once a second of what it could not read', () => {
    const options = optionsFor('ts', 'flv');
    const road = openRoad(options);
    for (const [index, batch] of batches.entries()) if (index !== 40) road.push('input', batch);
    road.sample(4000);
    road.sample(5000);
    expect(options.events).toHaveLength(1);
    expect(options.events[0]).toMatch(/^bad-media .*"fault":"continuity"/);
  });
});

describe('a road from FLV', () => {
  const tags = tagsOf(makeClip({ seconds: 4, container: 'flv' }));
  const batchOf = (shiftMs: number): MediaBatch[] =>
    tags.map((tag) => ({ container: 'flv', tags: [{ ...tag, timestampMs: tag.timestampMs + shiftMs }], at: 0 }));

  it('tells of a clock that jumps, but not of one that comes with another session', () => {
    const options = optionsFor('flv', 'ts', 'flv');
    const road = openRoad(options);
    road.restart('input');
    for (const batch of batchOf(0)) road.push('input', batch);
    road.restart('input');
    for (const batch of batchOf(900_000)) road.push('input', batch);
    road.sample(1000);
    expect(options.events).toEqual([]);
    for (const batch of batchOf(50_000_000)) road.push('input', batch);
    road.sample(2000);
    expect(options.events).toEqual(['timestamps-jumped {"jumps":1,"overMs":0}']);
  });
});

describe('a road with failover', () => {
  const wish = { preferred: 'primary', autoReturn: false, order: 0 } as const;
  const cross = { protocol: 'srt', host: '127.0.0.1', port: 1, latencyMs: 120, allowlist: [] } as const;
  const failover = { ...wish, cross: { ...cross, allowlist: [] } };

  it('sends its own input across, and makes one stream of both', () => {
    const options = optionsFor('ts', 'ts');
    const road = openFailoverRoad('primary', failover, options);
    const half = batches.length / 2;
    for (const [index, batch] of batches.entries()) {
      if (index < half) road.push('input', batch);
      road.push('cross', batch);
      road.flush(batch.at / 1000);
    }
    expect(options.crossed).toHaveLength(Math.ceil(half));
    expect(options.events).toEqual([
      expect.stringMatching(/^failover .*"to":"backup","cause":"input-lost","gapMs":5\d\d/),
    ]);
    expect(road.live).toBe('backup');
    const { continuityErrors, pes } = survey(tsOf(options));
    const dts = pes.get(0x100)?.map(({ dtsMs }) => dtsMs) ?? [];
    expect(continuityErrors).toBe(0);
    expect(dts.every((time, index) => index === 0 || time > (dts[index - 1] ?? 0))).toBe(true);
    expect(longestStep(dts)).toBeLessThanOrEqual(40);
  });
});
