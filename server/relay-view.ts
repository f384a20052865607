/** What is known of a relay, and what of it an operator sees. */
import type { Link } from '../relay/contract/link.ts';
import type { Flow } from '../db/model.ts';
import type { Applied, EndpointStatus, PipelinePlan, ProcessVitals } from '../relay/contract/messages.ts';
import type { Pipeline } from '../relay/contract/settings.ts';
import type { RelayState } from './relay-drain.ts';

/** A relay that has not reported for this long is silent: what it last said is no longer shown. */
export const SILENT_MS = 3500;

export interface RelayRecord {
  link: Link | undefined;
  boot: string | undefined;
  heardAt: number;
  /** It hangs, if it has not been heard by then. */
  dueAt: number;
  applied: Map<string, Applied>;
  endpoints: readonly EndpointStatus[];
  process: ProcessVitals | undefined;
  /** Lived before this server did, and has not yet said what it runs. */
  isFound: boolean;
  /** Have watchers heard that it fell silent? */
  isToldSilent: boolean;
  /** Has it reported since this server started? */
  isHeard: boolean;
  readonly inFlight: Set<string>;
}

/** A relay as an operator may see it. */
export interface RelayView {
  readonly id: string;
  /** `lost`: needed, or running flows when it was last heard, and silent now. `off`: not needed, and not heard. */
  readonly state: 'reporting' | 'lost' | 'off';
  /** Does a running flow need it? */
  readonly isNeeded: boolean;
  /** Has it reported since this server started? */
  readonly isHeard: boolean;
  /** How its process is; absent unless it reports. */
  readonly process?: ProcessVitals;
  /** Absent unless it reports. Bit rates are bit/s of media over the last second, hops between relays among them. */
  readonly load?: {
    readonly flows: number;
    readonly endpoints: number;
    readonly bitrateIn: number;
    readonly bitrateOut: number;
  };
}

/** What a silent relay last said is not shown: it is not known what is true of it now. */
export function viewOf(
  id: string,
  relay: RelayRecord,
  { isNeeded, now }: { isNeeded: boolean; now: number },
): RelayView {
  const isKnown = relay.link !== undefined && !isSilentAt(relay, now);
  const sum = (role: EndpointStatus['role']): number =>
    relay.endpoints.filter((it) => it.role === role).reduce((all, { bitrate }) => all + bitrate, 0);
  const load = { flows: relay.applied.size, endpoints: relay.endpoints.length };
  return {
    id,
    state: isKnown ? 'reporting' : isNeeded || relay.applied.size > 0 ? 'lost' : 'off',
    isNeeded,
    isHeard: relay.isHeard,
    ...(isKnown && relay.process && { process: relay.process }),
    ...(isKnown && { load: { ...load, bitrateIn: sum('source'), bitrateOut: sum('sink') } }),
  };
}

/** Monotonic ms. */
export const isSilentAt = ({ heardAt }: RelayRecord, now: number): boolean => now - heardAt > SILENT_MS;

/** How a relay stands: what a restart must know of it, and what its operator sees of its flows. */
export interface RelayStanding extends RelayState {
  /** Since it was heard last, ms. */
  readonly heardAgoMs: number;
  readonly isSilent: boolean;
  readonly process: ProcessVitals | undefined;
  readonly flows: readonly { readonly id: string; readonly name: string; readonly pipeline: Pipeline }[];
}

interface Wished {
  readonly flow: Pick<Flow, 'id' | 'name' | 'revision'>;
  readonly plans: readonly PipelinePlan[];
}

export function standingOf(
  relayId: string,
  relay: RelayRecord,
  { wished, now }: { wished: readonly Wished[]; now: number },
): RelayStanding {
  const isSilent = relay.link === undefined || isSilentAt(relay, now);
  const moving = isSilent ? [] : relay.endpoints.filter(({ condition }) => condition === 'flowing');
  return {
    relayId,
    boot: relay.boot,
    isSilent,
    heardAgoMs: now - relay.heardAt,
    process: isSilent ? undefined : relay.process,
    isNeeded: wished.length > 0,
    isWhole: wished.every(({ flow }) => !isSilent && relay.applied.get(flow.id)?.revision === flow.revision),
    flowing: new Set(moving.map(({ flowId, pipeline, role, id }) => `${flowId} ${pipeline} ${role} ${id}`)),
    flows: wished.flatMap(({ flow: { id, name }, plans: [plan] }) =>
      plan ? [{ id, name, pipeline: plan.pipeline }] : [],
    ),
  };
}
