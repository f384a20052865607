/** May the operator do this? Each rule of the guide, once; every way in asks here. All throw a Refusal, or return. */
import type { Destination, Flow, FlowState, Output, Region } from '../db/model.ts';
import { pipelines } from '../relay/contract/settings.ts';
import { cidrFault, isLoopback } from './cidr.ts';
import type { FlowDraft, InputEdit, OutputDraft, OutputEdit } from './drafts.ts';
import { type FieldFault, Refusal, refusals, refuseField } from './refusal.ts';

/** What the rules need to know of this installation. */
export interface RuleBook {
  readonly regions: readonly Region[];
  readonly bandwidths: readonly number[];
  readonly publicHost: string;
  /** Is this UDP port an input or hop of any flow here? */
  readonly isOurPort: (port: number) => boolean;
}

/** More would make the plan of one flow too large for one message, and a page of it unreadable. */
const MOST_OUTPUTS = 64;

export function checkNewFlow(book: RuleBook, draft: FlowDraft): void {
  checkRegion(book, draft.regionId);
  if (!book.bandwidths.includes(draft.maxBitrate)) throw refuseField('bandwidth-not-offered', 'maxBitrate');
  checkAllowlist(draft.input.allowlist, 'input.allowlist');
}

/** Name, description and allowlist may change at any time; what shapes the link, only while idle. */
export function checkInputEdit(flow: Flow, state: FlowState, edit: InputEdit): void {
  if (edit.allowlist) checkAllowlist(edit.allowlist, 'allowlist');
  const { input } = flow;
  const protocolChanges = edit.protocol !== undefined && edit.protocol !== input.protocol;
  if (protocolChanges && flow.outputs.length > 0) throw refuseField('input-protocol-fixed', 'protocol');
  if (state === 'idle') return;
  if (protocolChanges) throw refuseField('input-locked', 'protocol');
  if (edit.latencyMs !== undefined && edit.latencyMs !== input.latencyMs)
    throw refuseField('input-locked', 'latencyMs');
  if (changesEncryption(edit.encryption, input.encryption)) throw refuseField('input-locked', 'encryption');
}

export function checkNewOutput(book: RuleBook, flow: Flow, state: FlowState, draft: OutputDraft): void {
  checkOutputsOpen(state);
  if (flow.outputs.length >= MOST_OUTPUTS) throw new Refusal('too-many-outputs');
  checkRegion(book, draft.regionId);
  checkDestinations(book, flow, draft.destinations);
}

export function checkOutputEdit(book: RuleBook, flow: Flow, state: FlowState, output: Output, edit: OutputEdit): void {
  checkOutputsOpen(state);
  if (edit.regionId !== undefined && edit.regionId !== output.regionId)
    throw refuseField('output-region-fixed', 'regionId');
  if (edit.protocol !== undefined && edit.protocol !== output.protocol)
    throw refuseField('output-protocol-fixed', 'protocol');
  if (edit.destinations) checkDestinations(book, flow, edit.destinations, output.id);
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

function checkRegion(book: RuleBook, regionId: string): void {
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

function checkDestinations(book: RuleBook, flow: Flow, destinations: Output['destinations'], ownId?: string): void {
  const others = flow.outputs.filter(({ id }) => id !== ownId).flatMap((output) => Object.values(output.destinations));
  for (const pipeline of pipelines) {
    const destination = destinations[pipeline];
    if (!destination) continue;
    const field = `destinations.${pipeline}.port`;
    if (isOwnInput(book, destination)) throw refuseField('destination-is-own-input', field);
    const twin = pipeline === 'backup' ? [...others, destinations.primary] : others;
    if (twin.some((other) => isSame(other, destination))) throw refuseField('destination-taken', field);
  }
}

const isOwnInput = (book: RuleBook, { host, port }: Destination): boolean =>
  (isLoopback(host) || host.toLowerCase() === book.publicHost.toLowerCase()) && book.isOurPort(port);

const isSame = (a: Destination, b: Destination): boolean =>
  a.port === b.port && a.host.toLowerCase() === b.host.toLowerCase();

function changesEncryption(edit: InputEdit['encryption'], kept: Flow['input']['encryption']): boolean {
  if (edit === undefined) return false;
  if (edit === null) return kept !== undefined;
  return edit.passphrase !== undefined || edit.keyLength !== kept?.keyLength;
}
