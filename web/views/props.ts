/** What pages are told: a flow with what is true of it, and the state of a form. */
import type { Alarm, Flow, FlowState, LogEvent, Region } from '../../db/model.ts';
import type { EndpointHealth } from '../../relay/contract/health.ts';
import type { EndpointStatus } from '../../relay/contract/messages.ts';
import type { KeyLength, Pipeline, Protocol } from '../../relay/contract/settings.ts';

/** A flow as it is now. An endpoint that is absent is not known: its relay has not reported. */
export interface FlowView {
  readonly flow: Flow;
  readonly state: FlowState;
  readonly endpoints: readonly EndpointStatus[];
  readonly relayLost: boolean;
  /** Those that fire now, oldest first. */
  readonly alarms?: readonly AlarmView[];
}

/** An alarm with its words: what, and where. */
export interface AlarmView extends Alarm {
  readonly text: string;
  readonly place: string;
}

/** Of a link of SRT: of how many seconds of the last five minutes something is known, and what follows for its latency. */
export interface LatencyNow {
  readonly seconds: number;
  /** Undefined while that is too little. See server/latency-advice.ts. */
  readonly advice:
    | {
        readonly seconds: number;
        readonly suggestedMs: number;
        readonly rttMs: number;
        readonly roundTrips: number;
        readonly meanLoss: number;
        readonly worstLoss: number;
        readonly dropped: number;
        readonly inForceMs: number | undefined;
        readonly verdict: 'too-short' | 'short' | 'enough' | 'enough-yet-dropped' | 'unknown';
      }
    | undefined;
}

/** What was measured of one end in the last second. `latency` is of SRT alone. */
export interface EndNow extends EndpointHealth {
  readonly latency?: LatencyNow;
}

/** A flow, and what its page needs besides: where encoders push to, the regions' names, and what happened lately. */
export interface FlowPage extends FlowView {
  readonly addresses: Readonly<Record<Pipeline, string>>;
  readonly regions: readonly Region[];
  /** Of the last 24 hours, newest first; undefined where the log cannot be read. */
  readonly events: readonly LogEvent[] | undefined;
  /** When it was looked at, epoch ms. */
  readonly at: number;
  /** What was measured of its endpoints in the second before; one that is absent is not known. */
  readonly readings: readonly EndNow[];
  /** Since when health is not kept, because the disk does not take it (epoch ms); undefined while all is well. */
  readonly failingSince: number | undefined;
}

/** Both pipelines, in the order in which they are shown. */
export const bothPipelines = ['primary', 'backup'] as const satisfies readonly Pipeline[];

export const otherThan = (pipeline: Pipeline): Pipeline => (pipeline === 'primary' ? 'backup' : 'primary');

/** What these show is pushed as it changes. */
export const liveTabs = ['information', 'input', 'output'] as const;
export type LiveTab = (typeof liveTabs)[number];

export const tabs = [...liveTabs, 'log', 'health'] as const;
export type Tab = (typeof tabs)[number];

/** What is wrong with one field; `field` is its path, which is also the control's name. */
export interface FieldError {
  readonly field: string;
  /** `emptied`: a secret that was typed and is not shown again. */
  readonly code?: string;
  readonly message: string;
}

/** What was typed (never a secret), what is wrong with it, and what the server said of the whole. */
export interface FormState {
  readonly values: Readonly<Record<string, string>>;
  readonly errors: readonly FieldError[];
  readonly refusal?: string;
  /** Where what was typed is checked as its field is left; nowhere where absent. */
  readonly check?: string;
}

/** What a form may offer and must say: the ranges and choices of the protocol settings. */
export interface Choices {
  readonly regions: readonly Region[];
  readonly bandwidths: readonly number[];
  readonly protocols: readonly Protocol[];
  readonly keyLengths: readonly KeyLength[];
  readonly latency: { readonly min: number; readonly max: number; readonly initial: number };
  readonly ttl: { readonly min: number; readonly max: number };
  readonly passphrase: { readonly min: number; readonly max: number };
  /** The one address that the reader comes from, as a range. */
  readonly ownRange?: string;
}

export const regionName = (regions: readonly Region[], id: string): string =>
  regions.find((region) => region.id === id)?.name ?? id;

/** The URL of a flow's tab. */
export const tabUrl = (flowId: string, tab: Tab): string =>
  tab === 'information' ? `/flows/${flowId}` : `/flows/${flowId}/${tab}`;
