/** The figures of the Health tab: what each is called, and the unit in which it is shown. Definitions: docs/health.md. */
import type { Protocol } from '../../relay/contract/settings.ts';
import { t } from './language.ts';

/** A kept value times `scale` is what is shown, in `unit`. A count is summed over the time of a point. */
export interface Figure {
  readonly label: string;
  readonly unit: string;
  readonly scale: number;
  readonly digits: number;
  readonly isCount?: true;
}

const level = (label: string, unit: string, scale = 1, digits = 1): Figure => ({ label, unit, scale, digits });
const count = (label: string, unit: string): Figure => ({ label, unit, scale: 1, digits: 0, isCount: true });

/** By their names in the history and in the API. */
export const figures = {
  bitrate: level('Bit rate', 'Mbps', 1e-6, 3),
  nullBitrate: level('Null packets', 'Mbps', 1e-6, 3),
  frameRate: level('Frame rate', 'frames/s', 1, 2),
  lossRatio: level('Packet loss rate', '%', 100, 2),
  retransmitRatio: level('Retransmission rate', '%', 100, 2),
  rttMs: level('RTT', 'ms'),
  dropped: count('Dropped packets', 'packets'),
  bufferMs: level('Buffer', 'ms', 1, 0),
  linkBandwidth: level('Link bandwidth, estimated', 'Mbps', 1e-6, 0),
  queueMs: level('Send queue', 'ms', 1, 0),
  reordered: count('Reordered packets', 'packets'),
  continuityErrors: count('Continuity errors', 'errors'),
  syncErrors: count('Sync losses', 'errors'),
  transportErrors: count('Transport errors', 'errors'),
  patErrors: count('PAT errors', 'errors'),
  pmtErrors: count('PMT errors', 'errors'),
  crcErrors: count('CRC errors', 'errors'),
  pidErrors: count('Missing PIDs', 'errors'),
  pcrRepetitionErrors: count('PCR repetition errors', 'errors'),
  pcrDiscontinuityErrors: count('PCR discontinuities', 'errors'),
  ptsErrors: count('PTS interval errors', 'errors'),
} as const satisfies Readonly<Record<string, Figure>>;

export type FigureName = keyof typeof figures;

/** Of the stream as a whole. */
export const bandwidthFigures = ['bitrate', 'nullBitrate'] as const satisfies readonly FigureName[];

export const trackFigures = ['bitrate', 'frameRate'] as const satisfies readonly FigureName[];

type Link = Readonly<Record<'source' | 'sink', readonly FigureName[]>>;

const srt = ['lossRatio', 'retransmitRatio', 'rttMs', 'dropped', 'bufferMs', 'linkBandwidth'] as const;

/** What each protocol tells of its link. */
export const linkFigures: Readonly<Record<Protocol, Link>> = {
  srt: { source: srt, sink: srt },
  rtmp: { source: [], sink: ['queueMs', 'dropped'] },
  rtp: { source: ['lossRatio', 'dropped', 'reordered'], sink: ['dropped'] },
};

/** Why a figure is not measured of an end though others of its protocol have it. */
export const notMeasured = (
  name: FigureName,
  { protocol, side }: { readonly protocol: Protocol; readonly side: keyof Link },
): string | undefined =>
  name === 'lossRatio' && protocol === 'srt' && side === 'sink'
    ? t(
        'Not measured here: a sender does not see what the network loses. The retransmission rate says what the receiver asked for again.',
      )
    : undefined;

/** All but these are shown at first. */
export const hiddenAtFirst: ReadonlySet<FigureName> = new Set(['bufferMs', 'linkBandwidth']);

/** Shown only where one of them is not zero. */
export const checkFigures = [
  'continuityErrors',
  'syncErrors',
  'transportErrors',
  'patErrors',
  'pmtErrors',
  'crcErrors',
  'pidErrors',
  'pcrRepetitionErrors',
  'pcrDiscontinuityErrors',
  'ptsErrors',
] as const satisfies readonly FigureName[];

/** `pid 256` as PID 256, `video` as Video. */
export const trackName = (track: string): string =>
  track.startsWith('pid ') ? `PID ${track.slice('pid '.length)}` : t(track.charAt(0).toUpperCase() + track.slice(1));
