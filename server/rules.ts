/** May the operator do this? Each rule of the guide, once; every way in asks here. All throw a Refusal, or return. */
import { isDeepStrictEqual } from 'node:util';
import type { FailoverSetting, Flow, FlowState, Input, Output, Region, RtmpDestination } from '../db/model.ts';
import { pipelines } from '../relay/contract/settings.ts';
import { cidrFault, isLoopback } from './cidr.ts';
import type { FlowDraft, OutputEdit } from './drafts.ts';
import { type FieldFault, Refusal, type RefusalCode, refusals, refuseField } from './refusal.ts';

/** What the rules need to know of this installation. */
export interface RuleBook {
  readonly regions: readonly Region[];
  readonly bandwidths: readonly number[];
  readonly publicHost: string;
  /** Is this UDP port an input or hop of any flow here? */
  readonly isOurPort: (port: number) => boolean;
  /** Is this the RTMP app of any flow here? */
  readonly isOurApp: (app: string) => boolean;
}

/** The revision of the flow that a change was decided on, or several that would do; absent: whatever it is now. */
export interface Expected {
  readonly expectedRevision?: number | readonly number[];
}

/** More would make the plan of one flow too large for one message, and a page of it unreadable. */
const MOST_OUTPUTS = 64;

export function checkNewFlow(book: RuleBook, draft: FlowDraft): void {
  refuseAll([...waitingFaults(book, draft), ...allowlistFaults(draft.input.allowlist, 'input.allowlist')]);
}

type Offers = Pick<RuleBook, 'regions' | 'bandwidths'>;

/** What does not depend on the input. */
export const checkNewWaitingFlow = (book: Offers, draft: Omit<FlowDraft, 'input'>): void =>
  refuseAll(waitingFaults(book, draft));

function waitingFaults(book: Offers, { regionId, maxBitrate }: Omit<FlowDraft, 'input'>): Fault[] {
  const isOffered = book.bandwidths.includes(maxBitrate);
  return [...regionFaults(book, regionId), ...(isOffered ? [] : [faultAt('bandwidth-not-offered', 'maxBitrate')])];
}

/** Two operators do not overwrite each other unseen: who names the revisions that they read is refused where there is another. */
export function checkRevision({ revision }: Flow, { expectedRevision }: Expected): void {
  if (expectedRevision === undefined || [expectedRevision].flat().includes(revision)) return;
  throw new Refusal('revision-changed', [], revision);
}

/** Name, description, allowlist and which input is preferred may change at any time; what shapes the link, only while idle. */
export function checkInputEdit({ input, outputs }: Flow, state: FlowState, next: Input): void {
  refuseAll(allowlistFaults(next.allowlist, 'allowlist'));
  if (next.protocol !== input.protocol && outputs.length > 0) throw refuseField('input-protocol-fixed', 'protocol');
  if (state === 'idle') return;
  const changed = lockedFields.find((field) => !isDeepStrictEqual(valueOf(input, field), valueOf(next, field)));
  if (changed) throw refuseField('input-locked', changed);
}

export function checkNewOutput(book: RuleBook, flow: Flow, state: FlowState, output: Output): void {
  checkOutputsOpen(state);
  if (flow.outputs.length >= MOST_OUTPUTS) throw new Refusal('too-many-outputs');
  const isBarred = flow.input.protocol === 'srt' && output.protocol === 'rtp';
  refuseAll([
    ...regionFaults(book, output.regionId),
    ...(isBarred ? [faultAt('srt-to-rtp', 'protocol')] : []),
    ...destinationFaults(book, flow, output),
  ]);
}

/** What is fixed of an output for ever. */
export function checkOutputEdit(state: FlowState, output: Output, edit: OutputEdit): void {
  checkOutputsOpen(state);
  if (edit.regionId !== undefined && edit.regionId !== output.regionId)
    throw refuseField('output-region-fixed', 'regionId');
  if (edit.protocol !== undefined && edit.protocol !== output.protocol)
    throw refuseField('output-protocol-fixed', 'protocol');
}

/** The failover setting of a flow that can be switched. */
export function checkSwitch({ input }: Flow, state: FlowState): FailoverSetting {
  if (!input.failover) throw new Refusal('no-failover');
  if (state === 'idle' || state === 'stopping') throw new Refusal('switch-idle');
  return input.failover;
}

/** The guide: outputs of running flows cannot be created, edited or deleted. */
export function checkOutputsOpen(state: FlowState): void {
  if (state !== 'idle') throw new Refusal('output-locked');
}

export function checkStart(flow: Flow): void {
  if (flow.outputs.length === 0) throw new Refusal('no-output');
}

export function checkDelete(state: FlowState): void {
  if (state !== 'idle') throw new Refusal('flow-not-idle');
}

const DAY_MS = 86_400_000;

/** The guide: less than 24 hours, of the days that are kept. Epoch ms. */
export function checkRange({ from, to }: { from: number; to: number }, now: number, retentionDays: number): void {
  if (!(from < to)) throw refuseField('range-reversed', 'to');
  if (to - from >= DAY_MS) throw refuseField('range-too-long', 'to');
  if (from < now - retentionDays * DAY_MS) throw refuseField('range-too-old', 'from');
}

/** A fault whose code is one of the table: all of them are told at once, and the first gives the refusal its code. */
type Fault = FieldFault & { readonly code: RefusalCode };

const faultAt = (code: RefusalCode, field: string): Fault => ({ field, code, message: refusals[code].words });

function refuseAll(faults: readonly Fault[]): void {
  const [first] = faults;
  if (first) throw new Refusal(first.code, faults);
}

const regionFaults = (book: Pick<RuleBook, 'regions'>, regionId: string): Fault[] =>
  book.regions.some(({ id }) => id === regionId) ? [] : [faultAt('region-unknown', 'regionId')];

function allowlistFaults(allowlist: readonly string[], field: string): Fault[] {
  return allowlist.flatMap((range, index): Fault[] => {
    const code = cidrFault(range);
    return code ? [{ field: `${field}.${index}`, code, message: `${range}: ${refusals[code].words}` }] : [];
  });
}

/** No destination is one of our own inputs, and no two pipelines of a flow send to the same one. */
export const checkDestinations = (book: RuleBook, flow: Flow, output: Output): void =>
  refuseAll(destinationFaults(book, flow, output));

function destinationFaults(book: RuleBook, flow: Flow, output: Output): Fault[] {
  const others = flow.outputs.filter(({ id }) => id !== output.id).flatMap(targetsOf);
  const own = targetsOf(output);
  return own.flatMap((target, index) => {
    if (isOwnInput(book, target)) return [faultAt('destination-is-own-input', target.field)];
    const twins = [...others, ...own.slice(0, index)];
    return twins.some(({ place }) => place === target.place) ? [faultAt('destination-taken', target.field)] : [];
  });
}

/** One destination, whatever its protocol: where it is, what makes two of them the same, and whether we take it in. */
interface Target {
  readonly field: string;
  readonly host: string;
  readonly place: string;
  readonly isTakenIn: (book: RuleBook) => boolean;
}

function targetsOf(output: Output): Target[] {
  return pipelines.flatMap((pipeline): Target[] => {
    const field = `destinations.${pipeline}`;
    if (output.protocol === 'rtmp') {
      const destination = output.destinations[pipeline];
      return destination ? [rtmpTarget(destination, field)] : [];
    }
    const destination = output.destinations[pipeline];
    if (!destination) return [];
    const { port } = destination;
    const host = destination.host.toLowerCase();
    return [
      { field: `${field}.port`, host, place: `udp ${host} ${port}`, isTakenIn: ({ isOurPort }) => isOurPort(port) },
    ];
  });
}

function rtmpTarget({ url, streamKey }: RtmpDestination, field: string): Target {
  const { hostname, pathname } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const [app = ''] = pathname.split('/').filter((part) => part !== '');
  const place = `rtmp ${url.toLowerCase()} ${streamKey}`;
  return { field: `${field}.url`, host, place, isTakenIn: ({ isOurApp }) => isOurApp(app) };
}

const isOwnInput = (book: RuleBook, { host, isTakenIn }: Target): boolean =>
  (isLoopback(host) || host === book.publicHost.toLowerCase()) && isTakenIn(book);

/** `failover` is fixed but for which input is preferred: with it or without it, other ports are open. */
const lockedFields = [
  'protocol',
  'latencyMs',
  'encryption',
  'streamId',
  'bareTs',
  'idleTimeoutMs',
  'streamKeys',
  'failover',
] as const;

function valueOf(input: Input, field: (typeof lockedFields)[number]): unknown {
  if (field === 'failover') return input.failover !== undefined;
  return Object.entries(input).find(([key]) => key === field)?.[1];
}
