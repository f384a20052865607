/**
 * The one catalogue of words for what relays report by code, in English; a code without words does not compile.
 * Where they are shown, they are said in the language in use (language.ts); what is a function says it by itself.
 */
import type { FlowState, LogEvent } from '../../db/model.ts';
import type { Pipeline, Protocol } from '../../relay/contract/settings.ts';
import { t } from './language.ts';
import { otherThan } from './props.ts';
import { type Conditions, conditions } from './words-conditions.ts';
import { isGrave, logSentence } from './words-events.ts';
import { type Incidents, incidents } from './words-incidents.ts';

export type Role = 'source' | 'sink';

/** What an endpoint is called. `unknown` is the console's own: no relay vouches for any other. */
export type EndpointWord = 'idle' | 'waiting' | 'connected' | 'unknown' | 'none';

export interface Words {
  readonly flowStates: Readonly<Record<FlowState, string>>;
  readonly endpointStates: Readonly<Record<EndpointWord, string>>;
  readonly pipelines: Readonly<Record<Pipeline, string>>;
  /** The input that the outputs get, with failover. */
  readonly onAir: string;
  readonly protocols: Readonly<Record<Protocol, string>>;
  /** What a protocol counts: what is dropped or lost, one and many. */
  readonly units: Readonly<Record<Protocol, readonly [one: string, many: string]>>;
  readonly conditions: Readonly<Record<Role, Readonly<Record<Protocol, Conditions>>>>;
  /** Of an input that had media. */
  readonly lostEncoder: string;
  readonly incidents: Readonly<Record<Role, Readonly<Record<Protocol, Incidents>>>>;
  /** A line of the log, as one sentence. */
  readonly logSentence: (event: LogEvent) => string;
  /** Was something lost with it, or is something in danger? */
  readonly isGrave: (event: LogEvent) => boolean;
  /** Why there is no report of an endpoint. */
  readonly absent: Readonly<Record<'idle' | 'starting' | 'unknown' | 'none', string>>;
  readonly verdicts: {
    readonly idle: string;
    readonly noOutput: string;
    readonly starting: string;
    readonly stopping: string;
    readonly unknown: string;
    readonly noMedia: string;
    readonly failing: (failing: number, all: number) => string;
    readonly onePipeline: (flowing: Pipeline) => string;
    readonly connecting: (missing: number, all: number) => string;
    readonly over: string;
    readonly onAir: string;
    readonly onAirPrimary: string;
    readonly failover: {
      readonly well: (live: Pipeline) => string;
      readonly notPreferred: (live: Pipeline) => string;
      readonly noReserve: (live: Pipeline) => string;
      readonly unsettled: string;
    };
  };
}

const pipelines = { primary: 'Primary', backup: 'Backup' } as const;

/** A pipeline at the head of a text, and within one. */
export const pipelineName = (pipeline: Pipeline): string => t(pipelines[pipeline]);
export const pipelineWord = (pipeline: Pipeline): string => pipelineName(pipeline).toLowerCase();

const both = (live: Pipeline) => ({ live: pipelineWord(live), other: pipelineWord(otherThan(live)) });

export const english: Words = {
  flowStates: { idle: 'Idle', starting: 'Starting', running: 'Running', stopping: 'Stopping' },
  endpointStates: {
    idle: 'Idle',
    waiting: 'Waiting',
    connected: 'Connected',
    unknown: 'Unknown',
    none: 'Not set',
  },
  pipelines,
  onAir: 'On air',
  protocols: { srt: 'SRT', rtmp: 'RTMP', rtp: 'RTP' },
  units: { srt: ['packet', 'packets'], rtmp: ['frame', 'frames'], rtp: ['packet', 'packets'] },
  conditions,
  lostEncoder: 'The encoder is gone. Listening for it to come back.',
  incidents,
  logSentence,
  isGrave,
  absent: {
    idle: 'The flow is not running.',
    starting: 'Being set up on its relay.',
    unknown: 'No report from its relay.',
    none: 'No backup destination.',
  },
  verdicts: {
    idle: 'Ready to start.',
    noOutput: 'Add an output, then start the flow.',
    starting: 'Being set up on its relays.',
    stopping: 'Closing its connections.',
    unknown: 'No report from a relay of this flow. Parts of its state are unknown.',
    noMedia: 'No media arrives on either pipeline.',
    failing: (failing, all) =>
      failing === 1
        ? t('1 of {all} destinations does not receive.', { all })
        : t('{failing} of {all} destinations do not receive.', { failing, all }),
    onePipeline: (flowing) => t('On air on {pipeline} only.', { pipeline: pipelineWord(flowing) }),
    connecting: (missing, all) => t('{missing} of {all} destinations not connected yet.', { missing, all }),
    over: 'Above the maximum bandwidth: media is being dropped.',
    onAir: 'On air on both pipelines.',
    onAirPrimary: 'On air. No output has a backup destination.',
    failover: {
      well: (live) => t('On air from the {live} input; {other} stands by.', both(live)),
      notPreferred: (live) => t('On air from the {live} input, not from the preferred {other}.', both(live)),
      noReserve: (live) => t('On air from the {live} input. Nothing stands by: {other} brings no media.', both(live)),
      unsettled: 'The two relays of this flow differ on which input is on air.',
    },
  },
};

export const words: Words = english;
