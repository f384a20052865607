/** May the operator do this? Each rule of the guide, once; every way in asks here. All throw a Refusal, or return. */
import { isDeepStrictEqual } from 'node:util';
import type { FailoverSetting, Flow, FlowState, Input, Output, Region, RtmpDestination } from '../db/model.ts';
import { pipelines } from '../relay/contract/settings.ts';
import { cidrFault, isLoopback } from './cidr.ts';
import type { FlowDraft, OutputEdit } from './drafts.ts';
import { type FieldFault, Refusal, refusals, refuseField } from './refusal.ts';

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
  checkNewWaitingFlow(book, draft);
  checkAllowlist(draft.input.allowlist, 'input.allowlist');
}

/** What does not depend on the input. */
export function checkNewWaitingFlow(
  book: Pick<RuleBook, 'regions' | 'bandwidths'>,
  draft: Omit<FlowDraft, 'input'>,
): void {
  checkRegion(book, draft.regionId);
  if (!book.bandwidths.includes(draft.maxBitrate)) throw refuseField('bandwidth-not-offered', 'maxBitrate');
}

/** Two operators do not overwrite each other unseen: who names the revisions that they read is refused where there is another. */
export function checkRevision({ revision }: Flow, { expectedRevision }: Expected): void {
  if (expectedRevision === undefined || [expectedRevision].flat().includes(revision)) return;
  throw new Refusal('revision-changed', [], revision);
}

/** Name, description, allowlist and which input is preferred may change at any time; what shapes the link, only while idle. */
export function checkInputEdit({ input, outputs }: Flow, state: FlowState, next: Input): void {
  checkAllowlist(next.allowlist, 'allowlist');
  if (next.protocol !== input.protocol && outputs.length > 0) throw refuseField('input-protocol-fixed', 'protocol');
  if (state === 'idle') return;
  const changed = lockedFields.find((field) => !isDeepStrictEqual(valueOf(input, field), valueOf(next, field)));
  if (changed) throw refuseField('input-locked', changed);
}

export function checkNewOutput(book: RuleBook, flow: Flow, state: FlowState, output: Output): void {
  checkOutputsOpen(state);
  if (flow.outputs.length >= MOST_OUTPUTS) throw new Refusal('too-many-outputs');
  checkRegion(book, output.regionId);
  if (flow.input.protocol === 'srt' && output.protocol === 'rtp') throw refuseField('srt-to-rtp', 'protocol');
  checkDestinations(book, flow, output);
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

function checkRegion(book: Pick<RuleBook, 'regions'>, regionId: string): void {
  if (!book.regions.some(({ id }) => id === regionId)) throw refuseField('region-unknown', 'regionId');
}

function checkAllowlist(allowlist: readonly string[], field: string): void {
  const faults = allowlist.flatMap((range, index): FieldFault[] => {
    const code = cidrFault(range);
    return code ? [{ field: `${field}.${index}`, code, message: `${range}: ${refusals[code].words}` }] : [];
  });
  const [first] = faults;
  if (first) throw new Refusal(first.code === 'cidr-host-bits' ? 'cidr-host-bits' : 'cidr-invalid', faults);
}

/** No destination is one of our own inputs, and no two pipelines of a flow send to the same one. */
export function checkDestinations(book: RuleBook, flow: Flow, output: Output): void {
  const others = flow.outputs.filter(({ id }) => id !== output.id).flatMap(targetsOf);
  const own = targetsOf(output);
  for (const target of own) {
    if (isOwnInput(book, target)) throw refuseField('destination-is-own-input', target.field);
    const twins = [...others, ...own.slice(0, own.indexOf(target))];
    if (twins.some((twin) => twin.place === target.place)) throw refuseField('destination-taken', target.field);
  }
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
