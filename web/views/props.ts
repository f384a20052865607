/** What pages are told: a flow with what is true of it, and the state of a form. */
import type { Alarm, Flow, FlowState, Region } from '../../db/model.ts';
import type { EndpointStatus, MediaEvent } from '../../relay/contract/messages.ts';
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

/** A flow, and what its page needs besides: where encoders push to, the regions' names, and what happened lately. */
export interface FlowPage extends FlowView {
  readonly addresses: Readonly<Record<Pipeline, string>>;
  readonly regions: readonly Region[];
  /** Newest first. */
  readonly events: readonly MediaEvent[];
}

/** Both pipelines, in the order in which they are shown. */
export const bothPipelines = ['primary', 'backup'] as const satisfies readonly Pipeline[];

export const otherThan = (pipeline: Pipeline): Pipeline => (pipeline === 'primary' ? 'backup' : 'primary');

/** What these show is pushed as it changes. */
export const liveTabs = ['information', 'input', 'output'] as const;
export type LiveTab = (typeof liveTabs)[number];

export const tabs = [...liveTabs, 'health'] as const;
export type Tab = (typeof tabs)[number];

/** What is wrong with one field; `field` is its path, which is also the control's name. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** What was typed (never a secret), what is wrong with it, and what the server said of the whole. */
export interface FormState {
  readonly values: Readonly<Record<string, string>>;
  readonly errors: readonly FieldError[];
  readonly refusal?: string;
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
}

export const regionName = (regions: readonly Region[], id: string): string =>
  regions.find((region) => region.id === id)?.name ?? id;

/** The URL of a flow's tab. */
export const tabUrl = (flowId: string, tab: Tab): string =>
  tab === 'information' ? `/flows/${flowId}` : `/flows/${flowId}/${tab}`;
