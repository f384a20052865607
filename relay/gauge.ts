/** Measures one end of a pipeline once a second: its link, its stream and each of its tracks. Docs: docs/health.md. */
import type { TrackHealth } from './contract/health.ts';
import { FlvProbe } from './formats/flv-probe.ts';
import { TsProbe, type StreamReport, type TrackReport } from './formats/probe.ts';
import type { StreamHealth } from './formats/stream-health.ts';
import { bytesOf, type LinkCounters, type MediaBatch } from './media.ts';
import { CutGrowth, Growth } from './tally.ts';

export interface Reading {
  readonly values: Readonly<Record<string, number>>;
  readonly tracks: readonly TrackHealth[];
}

/** Frames, and the time that they fill. */
interface Timed {
  readonly frames: number;
  readonly ticks: number;
}

/** The second of a reading, and the part of the time since the last one that lies in it. */
interface Cut {
  readonly seconds: number;
  readonly share: number;
}

const TS_PACKET_BITS = 188 * 8;
const TICKS_A_SECOND = 90_000;
const RATE_SECONDS = 5;
const nothing: Timed = { frames: 0, ticks: 0 };

/** The stream checks that are true over IP, after TR 101 290; each is a count of the last second. */
const checks = {
  syncErrors: (health: StreamHealth) => health.syncLosses + health.syncByteErrors,
  continuityErrors: (health: StreamHealth) => health.continuityErrors,
  transportErrors: (health: StreamHealth) => health.transportErrors,
  patErrors: (health: StreamHealth) => health.patErrors,
  pmtErrors: (health: StreamHealth) => health.pmtErrors,
  crcErrors: (health: StreamHealth) => health.crcErrors,
  pidErrors: (health: StreamHealth) => health.pidErrors,
  pcrRepetitionErrors: (health: StreamHealth) => health.pcrRepetitionErrors,
  pcrDiscontinuityErrors: (health: StreamHealth) => health.pcrDiscontinuityErrors,
  ptsErrors: (health: StreamHealth) => health.ptsErrors,
} as const;

/** Fed with every batch that passes its end, and read once a second. Keeps no media. */
export class Gauge {
  #ts = new TsProbe();
  #flv = new FlvProbe();
  #stream = new Counters();
  readonly #link = new Counters();
  readonly #passed = new CutGrowth();
  readonly #rates = new Map<string, readonly Timed[]>();
  #bytes = 0;
  #frames = 0;
  #frameAt: number | undefined;
  #readAt: number | undefined;
  #edge: number | undefined;
  #isTs = false;

  /** Another session begins: what comes does not continue what was, and where they meet is no fault. */
  restart(): void {
    this.#ts = new TsProbe();
    this.#flv = new FlvProbe();
    this.#stream = new Counters();
    this.#rates.clear();
    this.#frames = 0;
  }

  take(batch: MediaBatch): void {
    this.#bytes += bytesOf(batch);
    this.#isTs = batch.container === 'ts';
    if (batch.container === 'ts') this.#ts.push(batch.data);
    else for (const tag of batch.tags) this.#flv.push(tag);
  }

  /**
   * Times are monotonic ms. What cannot be measured of this end is absent. `edge` is where the second ends, at or before
   * `now`: rates are of what passed before it, in just that second, so that they add up to what passed however late a
   * busy process looks.
   */
  read(now: number, link: LinkCounters | undefined, edge = now): Reading {
    const cut = this.#cut(now, edge);
    const report = this.#isTs ? this.#ts.report() : undefined;
    const reports = report?.tracks ?? this.#flv.report();
    const tracks = reports.map((track) => this.#readTrack(track, cut));
    this.#noteFrames(reports, now);
    return {
      values: {
        bitrate: (this.#passed.since(this.#bytes, cut.share) * 8) / cut.seconds,
        ...(report && this.#readStream(report, cut)),
        ...(link && this.#readLink(link)),
        ...(this.#frameAt !== undefined && { frameAgeMs: now - this.#frameAt }),
      },
      tracks,
    };
  }

  /** An edge that does not lie between two looks, after a jump of the wall clock, is moved there. */
  #cut(now: number, wanted: number): Cut {
    const [readAt, last] = [this.#readAt ?? now - 1000, this.#edge ?? now - 1000];
    const edge = Math.min(Math.max(wanted, readAt), now);
    this.#readAt = now;
    this.#edge = edge;
    return { seconds: Math.max((edge - last) / 1000, 0.001), share: ratio(edge - readAt, now - readAt) };
  }

  /** The age of the last frame, of video where there is video: frames are seen at readings, so it is right within a second. */
  #noteFrames(reports: readonly TrackReport[], now: number): void {
    const lead = reports.some(({ kind }) => kind === 'video') ? 'video' : 'audio';
    const frames = reports.reduce((sum, { kind, frames: count }) => sum + (kind === lead ? count : 0), 0);
    if (frames !== this.#frames) this.#frameAt = now;
    this.#frames = frames;
  }

  #readStream(report: StreamReport, { seconds, share }: Cut): Record<string, number> {
    const counts = Object.entries(checks).map(
      ([name, of]) => [name, this.#stream.since(name, of(report.health))] as const,
    );
    const nulls = this.#stream.cut('nulls', report.nullPackets, share);
    return { nullBitrate: (nulls * TS_PACKET_BITS) / seconds, ...Object.fromEntries(counts) };
  }

  /**
   * `lossRatio` = (retransmitted - belated + dropped) / (unique + dropped) on the receiving side: reordering alone makes
   * none. `retransmitRatio` = retransmitted / packets, of a sender / unique. Both of the last second.
   */
  #readLink(link: LinkCounters): Record<string, number> {
    const grown = (name: Exclude<keyof LinkCounters, 'side'>): number => this.#link.since(name, link[name] ?? 0);
    const [packets, unique, retransmitted] = [grown('packets'), grown('unique'), grown('retransmitted')];
    const [belated, dropped, gaps, reordered] = [grown('belated'), grown('dropped'), grown('gaps'), grown('reordered')];
    const missing = Math.max(0, retransmitted - belated + dropped);
    return {
      dropped,
      ...(link.side === 'receive' && { lossRatio: ratio(missing, unique + dropped) }),
      ...(link.retransmitted !== undefined && {
        retransmitRatio: ratio(retransmitted, link.side === 'receive' ? packets : unique),
      }),
      ...(link.gaps !== undefined && { lost: gaps }),
      ...(link.reordered !== undefined && { reordered }),
      ...levels(link),
    };
  }

  #readTrack(track: TrackReport, { seconds, share }: Cut): TrackHealth {
    const { pid, kind, label, language, width, height, profile, sampleRate, channels } = track;
    const id = pid === undefined ? kind : `pid ${pid}`;
    const bytes = this.#stream.cut(`${id} bytes`, track.bytes, share);
    const frames = this.#stream.since(`${id} frames`, track.frames);
    const timed = this.#stream.since(`${id} timed`, track.timedFrames);
    const ticks = this.#stream.since(`${id} ticks`, track.mediaTicks);
    const frameRate = kind === 'data' ? undefined : this.#frameRate(id, frames, { frames: timed, ticks });
    return {
      id,
      kind,
      codec: label,
      ...given({ language, width, height, profile, sampleRate, channels }),
      values: {
        bitrate: (bytes * 8) / seconds,
        continuityErrors: this.#stream.since(`${id} cc`, track.continuityErrors),
        ...given({ frameRate }),
      },
    };
  }

  /**
   * Frames over the stream's own clock, of the last five seconds: a burst on the network is no change of frame rate, a
   * missing frame is one. 0 in a second without a frame; not known before two stamps have come.
   */
  #frameRate(id: string, came: number, newest: Timed): number | undefined {
    const kept = came > 0 ? [...(this.#rates.get(id) ?? []), newest].slice(-RATE_SECONDS) : [];
    this.#rates.set(id, kept);
    if (came === 0) return 0;
    const all = kept.reduce((sum, one) => ({ frames: sum.frames + one.frames, ticks: sum.ticks + one.ticks }), nothing);
    return all.ticks > 0 ? (all.frames * TICKS_A_SECOND) / all.ticks : undefined;
  }
}

/** What grew of several counters that begin together. */
class Counters {
  readonly #whole = new Map<string, Growth>();
  readonly #cut = new Map<string, CutGrowth>();

  since(name: string, count: number): number {
    return kept(this.#whole, name, () => new Growth()).since(count);
  }

  cut(name: string, count: number, share: number): number {
    return kept(this.#cut, name, () => new CutGrowth()).since(count, share);
  }
}

function kept<T>(map: Map<string, T>, name: string, make: () => T): T {
  const one = map.get(name) ?? make();
  map.set(name, one);
  return one;
}

const ratio = (part: number, whole: number): number => (whole > 0 ? Math.min(part / whole, 1) : 0);

const levels = ({ rttMs, latencyMs, bufferMs, linkBandwidth, queueMs }: LinkCounters): Record<string, number> =>
  given({ rttMs, latencyMs, bufferMs, linkBandwidth, queueMs });

/** Without what is undefined. */
const given = <T>(fields: Readonly<Record<string, T | undefined>>): Record<string, T> =>
  Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
