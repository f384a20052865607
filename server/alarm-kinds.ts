/** The kinds of alarms: what each is about, its range, what it is set to at first, and its words. The one table. */
import type { Alarm, AlarmKind } from '../db/alarm-model.ts';

/** What a threshold is in, and its range. */
export interface ThresholdRange {
  readonly unit: 'ratio' | 'bit/s';
  readonly min: number;
  readonly max: number;
}

export interface KindOfAlarm {
  /** `flow`: a rule may be of one flow. `server`: it is of the whole server. */
  readonly scope: 'flow' | 'server';
  readonly name: string;
  /** When it is raised, as one sentence. */
  readonly when: string;
  readonly threshold?: ThresholdRange;
  readonly holdMs: number;
  readonly clearMs: number;
  /** On from the first start, for all flows. */
  readonly initially: boolean;
}

const lossRange = { unit: 'ratio', min: 0.0001, max: 1 } as const;
const bitrateRange = { unit: 'bit/s', min: 1000, max: 1_000_000_000 } as const;

/** How long something must be wrong, and well again, in ms; an hour at most. */
export const holdRange = { min: 0, max: 3_600_000 } as const;
export const clearRange = { min: 1000, max: 3_600_000 } as const;

export const kindsOfAlarm = {
  'input-lost': {
    scope: 'flow',
    name: 'Input lost',
    when: 'An input that had media brings none, or a flow has run for 30 s and had none at all.',
    holdMs: 1000,
    clearMs: 5000,
    initially: true,
  },
  'output-down': {
    scope: 'flow',
    name: 'Output down',
    when: 'A destination does not get the media that its pipeline has.',
    holdMs: 5000,
    clearMs: 5000,
    initially: true,
  },
  'loss-above': {
    scope: 'flow',
    name: 'Packet loss too high',
    when: 'The network loses more of an SRT or RTP input than the threshold, repaired or not.',
    threshold: lossRange,
    holdMs: 10_000,
    clearMs: 10_000,
    initially: false,
  },
  'bitrate-below': {
    scope: 'flow',
    name: 'Bit rate too low',
    when: 'An input that brings media has less than the threshold.',
    threshold: bitrateRange,
    holdMs: 10_000,
    clearMs: 10_000,
    initially: false,
  },
  'bitrate-above': {
    scope: 'flow',
    name: 'Bit rate too high',
    when: 'An input has more than the threshold.',
    threshold: bitrateRange,
    holdMs: 10_000,
    clearMs: 10_000,
    initially: false,
  },
  'over-bandwidth': {
    scope: 'flow',
    name: 'Over the bandwidth',
    when: "An input has been above the flow's maximum bandwidth for 3 s: the rest is dropped.",
    holdMs: 0,
    clearMs: 10_000,
    initially: true,
  },
  'no-video': {
    scope: 'flow',
    name: 'No video',
    when: 'An input brings media, but no frame of video.',
    holdMs: 5000,
    clearMs: 5000,
    initially: false,
  },
  'no-audio': {
    scope: 'flow',
    name: 'No audio',
    when: 'An input brings media, but no frame of audio.',
    holdMs: 5000,
    clearMs: 5000,
    initially: false,
  },
  failover: {
    scope: 'flow',
    name: 'Failover',
    when: 'The outputs get the other input than the preferred one.',
    holdMs: 0,
    clearMs: 5000,
    initially: true,
  },
  'relay-lost': {
    scope: 'server',
    name: 'Relay lost',
    when: 'A relay that a running flow needs has not reported for 3.5 s. It may still be relaying.',
    holdMs: 5000,
    clearMs: 5000,
    initially: true,
  },
  'storage-failed': {
    scope: 'server',
    name: 'Storage failed',
    when: 'Health or log cannot be written. Media is not touched; look at the disk.',
    holdMs: 0,
    clearMs: 10_000,
    initially: true,
  },
} as const satisfies Record<AlarmKind, KindOfAlarm>;

export const kindOf = (kind: AlarmKind): KindOfAlarm => kindsOfAlarm[kind];

const percent = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const mbps = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

/** A value in the unit of the threshold, as people read it. */
export function amountText(kind: AlarmKind, value: number): string {
  const ratio = kindOf(kind).threshold?.unit === 'ratio';
  return ratio ? `${percent.format(value * 100)} %` : `${mbps.format(value / 1e6)} Mbps`;
}

/** Where an alarm is, in words: "Studio, primary". */
export function placeText({ relayId, endpointName, pipeline }: Alarm): string {
  if (relayId !== undefined) return `relay ${relayId}`;
  return [endpointName, pipeline].filter((word) => word !== undefined).join(', ') || 'the server';
}

/** An alarm as one sentence: "Packet loss too high: 3.1 %, above 2 %." */
export function alarmText({ kind, value, threshold }: Alarm): string {
  const { name } = kindOf(kind);
  if (value === undefined || threshold === undefined) return name;
  const side = kind === 'bitrate-below' ? 'below' : 'above';
  return `${name}: ${amountText(kind, value)}, ${side} ${amountText(kind, threshold)}`;
}

/** An alarm with its words. */
export interface NotedAlarm extends Alarm {
  readonly text: string;
  readonly place: string;
}

export const noted = (alarm: Alarm): NotedAlarm => ({ ...alarm, text: alarmText(alarm), place: placeText(alarm) });
