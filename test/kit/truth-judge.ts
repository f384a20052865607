/** What was really in a recording: by ffprobe, and by counting packets in a reader that shares no code with ours. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { HealthFieldName } from '../../db/history-fields.ts';
import { survey } from '../relay/formats/survey.ts';

const exec = promisify(execFile);

/** One elementary stream by ffprobe. */
export interface ProbedTrack {
  /** PID of TS; undefined of FLV. */
  readonly pid: number | undefined;
  readonly kind: string;
  readonly codec: string;
  /** Bytes of each packet, without any header of the container. */
  readonly sizes: readonly number[];
  /** Packets, which are frames, over the time they fill by their decode times. */
  readonly framesPerSecond: number;
}

/** Video first, as the file has them otherwise. */
export async function probeTracks(file: string): Promise<readonly ProbedTrack[]> {
  const entries = 'stream=index,codec_type,codec_name,id:packet=stream_index,dts_time,size';
  const args = ['-v', 'error', '-show_entries', entries, '-of', 'json', file];
  const { stdout } = await exec('ffprobe', args, { maxBuffer: 1 << 28, timeout: 60_000 });
  const { streams, packets } = probedSchema.parse(JSON.parse(stdout));
  return streams
    .filter(({ codec_type }) => codec_type === 'video' || codec_type === 'audio')
    .toSorted((a, b) => Number(b.codec_type === 'video') - Number(a.codec_type === 'video'))
    .map(({ index, codec_type, codec_name, id }) => {
      const own = packets.filter(({ stream_index }) => stream_index === index);
      const times = own.flatMap(({ dts_time }) => (dts_time === undefined ? [] : [Number(dts_time)]));
      return {
        pid: id === undefined ? undefined : Number(id),
        kind: codec_type,
        codec: codec_name,
        sizes: own.map(({ size }) => Number(size)),
        framesPerSecond: (times.length - 1) / ((times.at(-1) ?? 0) - (times[0] ?? 0)),
      };
    });
}

const probedSchema = z.object({
  streams: z.array(
    z.object({ index: z.number(), codec_type: z.string(), codec_name: z.string(), id: z.string().optional() }),
  ),
  packets: z.array(z.object({ stream_index: z.number(), dts_time: z.string().optional(), size: z.string() })),
});

const PACKET_BYTES = 188;
const NULL_PID = 0x1fff;

/** What stream checks find in a recording of TS, and its bytes by PID, whole packets of 188. */
export interface TsTruth {
  readonly bytes: number;
  readonly nullBytes: number;
  readonly bytesOfPid: ReadonlyMap<number, number>;
  readonly checks: Readonly<Partial<Record<HealthFieldName, number>>>;
}

export function truthOfTs(file: string): TsTruth {
  const stream = readFileSync(file);
  const whole = stream.subarray(0, Math.floor(stream.length / PACKET_BYTES) * PACKET_BYTES);
  const bytesOfPid = new Map<number, number>();
  for (let at = 0; at < whole.length; at += PACKET_BYTES) {
    const pid = whole.readUInt16BE(at + 1) & 0x1fff;
    bytesOfPid.set(pid, (bytesOfPid.get(pid) ?? 0) + PACKET_BYTES);
  }
  const { continuityErrors, pcrMs, patMs, pmtMs, pes } = survey(whole);
  const pts = [...pes.values()].map((list) => list.map(({ ptsMs }) => ptsMs));
  const sum = (of: (list: readonly number[]) => number): number => pts.reduce((all, list) => all + of(list), 0);
  return {
    bytes: whole.length,
    nullBytes: bytesOfPid.get(NULL_PID) ?? 0,
    bytesOfPid,
    checks: {
      syncErrors: 0,
      transportErrors: 0,
      crcErrors: 0,
      pidErrors: 0,
      continuityErrors,
      patErrors: above(patMs.filter(afterPcr), 500),
      pmtErrors: above(pmtMs.filter(afterPcr), 500),
      pcrRepetitionErrors: above(pcrMs, 40),
      pcrDiscontinuityErrors: above(pcrMs, 100) + stepsBack(pcrMs),
      ptsErrors: sum((list) => above(list, 700)),
    },
  };
}

/** Tables before the first PCR have no time. */
const afterPcr = (ms: number): boolean => ms > 0;
const stepsOf = (times: readonly number[]): number[] => times.slice(1).map((time, i) => time - (times[i] ?? 0));
/** PCR has 27 MHz, these times have 90 kHz: a step of just the limit is none above it. */
const above = (times: readonly number[], ms: number): number =>
  stepsOf(times).filter((step) => step > ms + 0.02).length;
const stepsBack = (times: readonly number[]): number => stepsOf(times).filter((step) => step < 0).length;

const sumOf = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0);

/** The bytes that `sizes` fill in FLV tags, by Adobe FLV v10.1 E.4: five bytes before a picture, two before AAC. */
export const inTags = ({ kind, sizes }: ProbedTrack): number =>
  sumOf(sizes) + sizes.length * (kind === 'video' ? 5 : 2);

/** The bytes that pictures fill in TS: each a PES with 19 bytes of header and 8 of PCR, cut into packets of 184 bytes. */
export const inPackets = ({ sizes }: ProbedTrack): number =>
  sumOf(sizes.map((size) => Math.ceil((size + 27) / 184) * PACKET_BYTES));
