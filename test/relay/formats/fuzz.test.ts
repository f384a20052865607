/** Hostile and broken bytes. `FUZZ_SECONDS` (20) sets how long all of it together takes: see `npm run fuzz`. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noFaults } from '../../../relay/formats/faults.ts';
import { FlvDemuxer, flvTag } from './flv-demux.ts';
import { FlvProbe } from '../../../relay/formats/flv-probe.ts';
import { FlvSplicer } from '../../../relay/formats/flv-splice.ts';
import { type FlvTag, parseAudioBody, parseVideoBody } from '../../../relay/formats/flv-tag.ts';
import { FlvToTs } from '../../../relay/formats/flv-to-ts.ts';
import { limits } from '../../../relay/formats/limits.ts';
import { TsProbe } from '../../../relay/formats/probe.ts';
import { TsSplicer } from '../../../relay/formats/ts-splice.ts';
import { TsToFlv } from '../../../relay/formats/ts-to-flv.ts';
import { makeClip } from './clip.ts';
import { pieces, tagsOf } from './drive.ts';
import { randomNumbers } from './packets.ts';
import { survey } from './survey.ts';

/** Four tests share the time. */
const seconds = Number(process.env.FUZZ_SECONDS ?? '20') / 4;
const seed = Number(process.env.FUZZ_SEED ?? 1);

/** Runs `round` with other numbers until the time is over; a failure names its seed. */
const forSeconds = (round: (random: () => number) => void): void => {
  const end = performance.now() + seconds * 1000;
  for (let i = 0; performance.now() < end; i++) {
    try {
      round(randomNumbers(seed + i));
    } catch (cause) {
      throw new Error(`FUZZ_SEED=${seed + i}`, { cause });
    }
  }
};

/** Turns some bits, cuts some bytes out, repeats some: what is left of a capture after a bad day. */
const mutated = (bytes: Uint8Array, random: () => number): Uint8Array => {
  const copy = bytes.slice();
  const hits = Math.floor(random() * 40);
  for (let i = 0; i < hits; i++) copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256);
  if (random() < 0.3) return copy;
  const from = Math.floor(random() * copy.length);
  const to = from + Math.floor(random() * 3000);
  const again = random() < 0.5 ? copy.subarray(from, to) : new Uint8Array();
  return new Uint8Array(Buffer.concat([copy.subarray(0, from), again, again, copy.subarray(to)]));
};

/** Checks that each track of an output rises and that no body is beyond its bound. */
const risingTags = () => {
  const last = { audio: -1, video: -1, data: -1 };
  return ({ kind, timestampMs, body }: FlvTag): void => {
    expect(body.length).toBeLessThanOrEqual(limits.pesBytes * 2);
    const media = kind === 'video' ? parseVideoBody(body) : parseAudioBody(body);
    if (kind === 'data' || media?.content !== 'frame') return;
    expect(timestampMs).toBeGreaterThan(last[kind]);
    last[kind] = timestampMs;
  };
};

const captures = () => [
  makeClip({ seconds: 2 }),
  makeClip({ seconds: 2, video: 'h265' }),
  makeClip({ seconds: 2, audio: ['ac3'], args: ['-muxrate', '3M'] }),
  makeClip({ seconds: 2, args: ['-output_ts_offset', String(2 ** 33 / 90_000 - 1)] }),
];

describe('mutated captures', () => {
  it(
    'of TS give tags that rise, and nothing is thrown',
    () => {
      const sources = captures();
      forSeconds((random) => {
        const remuxer = new TsToFlv({ onTag: risingTags() });
        const probe = new TsProbe();
        const splicer = new TsSplicer('a', { onPackets: () => {} });
        const bytes = mutated(sources[Math.floor(random() * sources.length)] ?? new Uint8Array(), random);
        for (const [i, piece] of pieces(bytes, 1 + Math.floor(random() * 4000)).entries()) {
          if (random() < 0.01) remuxer.rejoin();
          remuxer.push(piece, i * 5);
          probe.push(piece);
          splicer.push(random() < 0.9 ? 'a' : 'b', piece, i * 5);
          if (random() < 0.01) splicer.switchTo(random() < 0.5 ? 'a' : 'b');
        }
        remuxer.end();
        probe.report();
      });
    },
    (seconds + 20) * 1000,
  );

  it(
    'of FLV give TS of whole packets with no continuity error and times that rise, and nothing is thrown',
    () => {
      const sources = [makeClip({ seconds: 2, container: 'flv' })];
      forSeconds((random) => {
        const packets: Uint8Array[] = [];
        const remuxer = new FlvToTs({ onPackets: (lent) => packets.push(lent.slice()) });
        const probe = new FlvProbe();
        const splicer = new FlvSplicer('a', { onTag: risingTags() });
        const demuxer = new FlvDemuxer(noFaults(), (tag) => {
          const body = random() < 0.05 ? mutated(tag.body, random) : tag.body;
          const timestampMs = random() < 0.02 ? Math.floor(random() * 2 ** 32) : tag.timestampMs;
          const changed = flvTag(tag.kind, timestampMs, body);
          remuxer.push(changed);
          probe.push(changed);
          splicer.push(random() < 0.9 ? 'a' : 'b', changed);
          if (random() < 0.01) splicer.switchTo(random() < 0.5 ? 'a' : 'b');
          if (random() < 0.005) remuxer.rejoin();
        });
        const bytes = sources[0] ?? new Uint8Array();
        for (const piece of pieces(random() < 0.5 ? mutated(bytes, random) : bytes, 3000)) demuxer.push(piece);
        const found = survey(new Uint8Array(Buffer.concat(packets)));
        expect(found.continuityErrors).toBe(0);
        for (const times of found.pes.values()) {
          for (const [i, { dtsMs, ptsMs }] of times.entries()) {
            expect(ptsMs).toBeGreaterThanOrEqual(dtsMs);
            expect(dtsMs).toBeGreaterThan(i > 0 ? (times[i - 1]?.dtsMs ?? 0) : Number.NEGATIVE_INFINITY);
          }
        }
      });
    },
    (seconds + 20) * 1000,
  );
});

describe('arbitrary bytes', () => {
  const time = { interruptAfterTimeLimit: seconds * 1000, markInterruptAsFailure: false, numRuns: 1_000_000, seed };
  const packet = fc.uint8Array({ minLength: 187, maxLength: 187 }).map((rest) => Uint8Array.of(0x47, ...rest));
  const knownPid = fc.constantFrom(0, 0x100, 0x101, 0x1000);

  it(
    'in TS packets of known PIDs throw nothing',
    () => {
      const head = makeClip({ seconds: 2 }).subarray(0, 188 * 20);
      const one = fc.tuple(packet, knownPid, fc.boolean()).map(([bytes, pid, start]) => {
        bytes[1] = (start ? 0x40 : 0) | (pid >> 8);
        bytes[2] = pid & 255;
        return bytes;
      });
      fc.assert(
        fc.property(fc.array(one, { maxLength: 30 }), (packets) => {
          const remuxer = new TsToFlv({ onTag: risingTags() });
          const probe = new TsProbe();
          for (const bytes of [head, ...packets]) {
            remuxer.push(bytes, 0);
            probe.push(bytes);
          }
          remuxer.end();
          probe.report();
        }),
        time,
      );
    },
    (seconds + 20) * 1000,
  );

  it(
    'in FLV bodies throw nothing',
    () => {
      const first = fc.constantFrom(0x17, 0x27, 0x1c, 0x90, 0x91, 0x93, 0x96, 0x97, 0xaf, 0x9f, 0x95);
      const body = fc.tuple(
        first,
        fc.constantFrom([], [...Buffer.from('hvc1')], [0], [1]),
        fc.uint8Array({ maxLength: 200 }),
      );
      const tag = fc.record({
        kind: fc.constantFrom('audio' as const, 'video' as const, 'data' as const),
        timestampMs: fc.nat(2 ** 31 - 1),
        body: body.map(([byte, middle, rest]) => Uint8Array.of(byte, ...middle, ...rest)),
      });
      const headers = tagsOf(makeClip({ seconds: 2, container: 'flv' })).slice(0, 6);
      fc.assert(
        fc.property(fc.array(tag, { maxLength: 30 }), (tags) => {
          const remuxer = new FlvToTs({ onPackets: () => {} });
          const probe = new FlvProbe();
          for (const one of [...headers, ...tags]) {
            remuxer.push(one);
            probe.push(one);
          }
        }),
        time,
      );
    },
    (seconds + 20) * 1000,
  );
});

describe('bounded memory', () => {
  it('holds for a stream that never completes anything', () => {
    const remuxer = new TsToFlv({ onTag: () => {} });
    remuxer.push(makeClip({ seconds: 2 }).subarray(0, 188 * 40), 0);
    const random = randomNumbers(seed);
    const chunk = new Uint8Array(188 * 700);
    const before = process.memoryUsage();
    for (let round = 0; round < 300; round++) {
      for (let at = 0; at < chunk.length; at += 188) {
        const pid = random() < 0.9 ? 0x100 : 0x101;
        chunk.set([0x47, pid >> 8, pid & 255, 0x10 | ((at / 188) % 16)], at);
      }
      remuxer.push(chunk, round);
    }
    const after = process.memoryUsage();
    const grown = after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed;
    expect(grown).toBeLessThan(100 << 20);
  });
});
