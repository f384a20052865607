/** The relays: who said hello, what each runs, and the loop that makes what they run equal what is wished. */
import type { Flow, FlowState } from '../db/model.ts';
import type { Link } from '../relay/contract/link.ts';
import {
  CONTRACT_VERSION,
  type EndpointStatus,
  type Hello,
  type PipelinePlan,
  type Report,
} from '../relay/contract/messages.ts';
import type { Pipeline } from '../relay/contract/settings.ts';
import { type Holding, flowState } from './lifecycle.ts';
import type { RelayState } from './relay-drain.ts';
import type { ServerEvent } from '../db/server-events.ts';

/** A relay that has not reported for this long is silent: what it last said is no longer shown. */
export const SILENT_MS = 3500;
/** A needed relay whose process lives but says nothing for this long hangs: it is ended, and started anew. */
const HUNG_MS = 10_000;
const APPLY_TIMEOUT_MS = 5000;
/** How long an operator's action waits for the relays before it answers that the flow is on its way. */
const SETTLE_MS = 3000;

/** Starts and ends relay processes on this host. */
export interface Launcher {
  /** Starts the relay unless its process lives. True where it was started just now. */
  ensure(relayId: string): boolean;
  /** Ends a relay that hangs; its death is told like any other. */
  kill(relayId: string): void;
}

/** A relay as it is now. Times are ms; `flows` are those that are wished on it. */
export interface RelayNow extends RelayState {
  readonly isSilent: boolean;
  /** Since it was heard last. */
  readonly heardAgoMs: number;
  readonly flows: readonly { readonly id: string; readonly name: string; readonly pipeline: Pipeline }[];
}

export interface FleetDeps {
  readonly flows: () => readonly Flow[];
  readonly place: (flow: Flow) => ReadonlyMap<string, readonly PipelinePlan[]>;
  readonly launcher: Launcher;
  /** Monotonic ms. */
  readonly now: () => number;
  readonly log: (what: string, detail: Record<string, unknown>) => void;
  /** What befalls a relay befalls each running flow that needs it, and stands in its log. */
  readonly note: (event: ServerEvent) => void;
}

interface RelayRecord {
  link: Link | undefined;
  boot: string | undefined;
  heardAt: number;
  applied: Map<string, number>;
  endpoints: readonly EndpointStatus[];
  /** Have watchers heard that it fell silent? */
  isToldSilent: boolean;
  /** Since when flows that need it have been told that it is lost. */
  lostAt: number | undefined;
  readonly inFlight: Set<string>;
}

interface Wish {
  readonly flow: Flow;
  readonly plans: readonly PipelinePlan[];
}

export class Fleet {
  readonly #deps: FleetDeps;
  readonly #relays = new Map<string, RelayRecord>();
  readonly #placed = new Map<string, { revision: number; plans: ReadonlyMap<string, readonly PipelinePlan[]> }>();
  readonly #listeners = new Set<(flowIds: ReadonlySet<string>) => void>();

  constructor(deps: FleetDeps) {
    this.#deps = deps;
  }

  /** A relay says hello over `link`. Throws when its contract is not ours; an older link of the same relay is ended. */
  join(link: Link, hello: Hello): void {
    checkVersion(hello);
    const relay = this.#relay(hello.relayId);
    const former = relay.link;
    Object.assign(relay, {
      link,
      boot: hello.boot,
      heardAt: this.#deps.now(),
      applied: toMap(hello.applied),
      endpoints: [],
    });
    relay.inFlight.clear();
    if (former !== link) former?.close();
    this.#deps.log('relay joined', { relayId: hello.relayId, pid: hello.pid, flows: hello.applied.length });
    this.#reconcileRelay(hello.relayId, this.#wishes());
    this.#changed(relay.applied.keys());
  }

  /** The link of a relay has ended; what the relay runs is unknown from here, and still running. */
  left(relayId: string, link: Link): void {
    const relay = this.#relay(relayId);
    if (relay.link !== link) return;
    relay.link = undefined;
    relay.inFlight.clear();
    this.#deps.log('relay left', { relayId });
    this.#changed(relay.applied.keys());
  }

  reported(relayId: string, link: Link, report: Report): void {
    const relay = this.#relay(relayId);
    if (relay.link !== link) return;
    const touched = new Set([...relay.applied.keys(), ...report.applied.map(({ flowId }) => flowId)]);
    relay.heardAt = this.#deps.now();
    relay.isToldSilent = false;
    this.#noteBack(relayId, relay);
    relay.applied = toMap(report.applied);
    relay.endpoints = report.endpoints;
    this.#reconcileRelay(relayId, this.#wishes());
    this.#changed(touched);
  }

  /** The relay's process is gone: it runs nothing. */
  died(relayId: string): void {
    const relay = this.#relay(relayId);
    const flowIds = [...relay.applied.keys()];
    relay.link?.close();
    Object.assign(relay, {
      link: undefined,
      boot: undefined,
      applied: new Map(),
      endpoints: [],
      heardAt: this.#deps.now(),
    });
    this.#deps.log('relay process is gone', { relayId });
    this.#noteLost(relayId, relay, 'relay-died');
    this.reconcile();
    this.#changed(flowIds);
  }

  /** Makes every relay hear what differs from the wish. Level-based: called at any time, any number of times. */
  reconcile(): void {
    const wishes = this.#wishes();
    const known = new Set(this.#deps.flows().map(({ id }) => id));
    for (const flowId of this.#placed.keys()) if (!known.has(flowId)) this.#placed.delete(flowId);
    for (const relayId of new Set([...wishes.keys(), ...this.#relays.keys()])) this.#reconcileRelay(relayId, wishes);
  }

  /** Called once a second: finds relays that hang. */
  tick(): void {
    const now = this.#deps.now();
    const wishes = this.#wishes();
    for (const [relayId, relay] of this.#relays) {
      const silentFor = now - relay.heardAt;
      if (silentFor > SILENT_MS && !relay.isToldSilent) {
        relay.isToldSilent = true;
        // One that has never said hello is only slow to start.
        if (relay.boot !== undefined) this.#noteLost(relayId, relay, 'relay-lost');
        this.#changed([...relay.applied.keys(), ...(wishes.get(relayId)?.keys() ?? [])]);
      }
      // One that is not needed any more may still hold on to a flow that was stopped.
      if (silentFor < HUNG_MS || (!wishes.has(relayId) && relay.applied.size === 0)) continue;
      this.#deps.log('relay is silent, ending it', { relayId });
      relay.heardAt = now;
      this.#note(relayId, 'relay-hung', { silentMs: Math.round(silentFor) });
      this.#deps.launcher.kill(relayId);
    }
    this.reconcile();
  }

  state(flow: Flow): FlowState {
    const needed = flow.running ? new Set(this.#placement(flow).keys()) : new Set<string>();
    const holders = [...this.#relays].filter(([, { applied }]) => applied.has(flow.id)).map(([relayId]) => relayId);
    const holdings = [...new Set([...needed, ...holders])].map(
      (relayId): Holding => ({ needed: needed.has(relayId), applied: this.#relays.get(relayId)?.applied.get(flow.id) }),
    );
    return flowState(flow, holdings);
  }

  /** What fresh reports say of the flow's endpoints; a silent relay's last words are left out. */
  endpoints(flow: Flow): EndpointStatus[] {
    const fresh = [...this.#relays.values()].filter((relay) => !this.#isSilent(relay));
    return fresh.flatMap(({ endpoints }) => endpoints.filter(({ flowId }) => flowId === flow.id));
  }

  /** Has a relay that the running flow needs fallen silent? */
  isLost(flow: Flow): boolean {
    return flow.running && [...this.#placement(flow).keys()].some((relayId) => this.#isSilent(this.#relay(relayId)));
  }

  /** Reconciles and waits until the flow is idle or running, three seconds at most. */
  async settle(flowId: string): Promise<void> {
    this.reconcile();
    const isSettled = (): boolean => {
      const flow = this.#deps.flows().find(({ id }) => id === flowId);
      return !flow || ['idle', 'running'].includes(this.state(flow));
    };
    if (isSettled()) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        stop();
        resolve();
      };
      const timer = setTimeout(done, SETTLE_MS);
      const stop = this.subscribe(() => isSettled() && done());
    });
  }

  /** Asks the relay that takes in the flow's input on one pipeline. Rejects where it does not answer, or says no. */
  async askInput(flow: Flow, pipeline: Pipeline, kind: string, body: unknown): Promise<unknown> {
    const takesIn = (plan: PipelinePlan): boolean => plan.pipeline === pipeline && plan.sourceId === 'input';
    const [relayId] = [...this.#placement(flow)].find(([, plans]) => plans.some(takesIn)) ?? [];
    const link = relayId === undefined ? undefined : this.#relay(relayId).link;
    if (!link) throw new Error('the relay of this input is not there');
    return link.request(kind, body, APPLY_TIMEOUT_MS);
  }

  /** Every relay that was heard or is needed, in the order of their names. */
  relays(): RelayNow[] {
    const wishes = this.#wishes();
    const relayIds = [...new Set([...this.#relays.keys(), ...wishes.keys()])].toSorted();
    return relayIds.map((relayId) => {
      const relay = this.#relay(relayId);
      const wished = [...(wishes.get(relayId)?.values() ?? [])];
      const isSilent = relay.link === undefined || this.#isSilent(relay);
      const moving = isSilent ? [] : relay.endpoints.filter(({ condition }) => condition === 'flowing');
      return {
        relayId,
        boot: relay.boot,
        isSilent,
        heardAgoMs: this.#deps.now() - relay.heardAt,
        isNeeded: wished.length > 0,
        isWhole: wished.every(({ flow }) => !isSilent && relay.applied.get(flow.id) === flow.revision),
        flowing: new Set(moving.map(({ flowId, pipeline, role, id }) => `${flowId} ${pipeline} ${role} ${id}`)),
        flows: wished.flatMap(({ flow: { id, name }, plans: [plan] }) =>
          plan ? [{ id, name, pipeline: plan.pipeline }] : [],
        ),
      };
    });
  }

  subscribe(listener: (flowIds: ReadonlySet<string>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #wishes(): Map<string, Map<string, Wish>> {
    const wishes = new Map<string, Map<string, Wish>>();
    for (const flow of this.#deps.flows()) {
      if (!flow.running) continue;
      for (const [relayId, plans] of this.#placement(flow)) {
        const here = wishes.get(relayId) ?? new Map<string, Wish>();
        wishes.set(relayId, here.set(flow.id, { flow, plans }));
      }
    }
    return wishes;
  }

  #reconcileRelay(relayId: string, wishes: ReadonlyMap<string, ReadonlyMap<string, Wish>>): void {
    const relay = this.#relay(relayId);
    const wished = wishes.get(relayId) ?? new Map<string, Wish>();
    if (!relay.link) {
      // It has its time to say hello from here on, however long it was away.
      if (wished.size > 0 && this.#deps.launcher.ensure(relayId)) relay.heardAt = this.#deps.now();
      return;
    }
    for (const [flowId, { flow, plans }] of wished) {
      const held = relay.applied.get(flowId) ?? -1;
      // Newer than ours, so the database came from a backup: the relay lets go, and takes our wish with its next report.
      if (held > flow.revision) void this.#apply(relayId, relay, flowId, held, []);
      else if (held < flow.revision) void this.#apply(relayId, relay, flowId, flow.revision, plans);
    }
    for (const [flowId, revision] of relay.applied)
      if (!wished.has(flowId)) {
        const known = this.#revisionOf(flowId) ?? 0;
        void this.#apply(relayId, relay, flowId, Math.max(known, revision), []);
      }
  }

  async #apply(
    relayId: string,
    relay: RelayRecord,
    flowId: string,
    revision: number,
    plans: readonly PipelinePlan[],
  ): Promise<void> {
    const { link } = relay;
    if (!link || relay.inFlight.has(flowId)) return;
    relay.inFlight.add(flowId);
    try {
      await link.request('apply', { flowId, revision, plans }, APPLY_TIMEOUT_MS);
      if (plans.length > 0) relay.applied.set(flowId, revision);
      else relay.applied.delete(flowId);
    } catch (error) {
      // The next report of this relay shows the difference again, and it is tried again.
      this.#deps.log('apply failed', {
        relayId,
        flowId,
        revision,
        reason: error instanceof Error ? error.message : String(error),
      });
    } finally {
      if (relay.link === link) relay.inFlight.delete(flowId);
    }
    if (relay.link === link) this.#changed([flowId]);
  }

  #placement(flow: Flow): ReadonlyMap<string, readonly PipelinePlan[]> {
    const known = this.#placed.get(flow.id);
    if (known?.revision === flow.revision) return known.plans;
    const plans = this.#deps.place(flow);
    this.#placed.set(flow.id, { revision: flow.revision, plans });
    return plans;
  }

  #revisionOf(flowId: string): number | undefined {
    return this.#deps.flows().find(({ id }) => id === flowId)?.revision;
  }

  #noteLost(relayId: string, relay: RelayRecord, code: 'relay-lost' | 'relay-died'): void {
    relay.lostAt ??= this.#deps.now();
    this.#note(relayId, code, {});
  }

  #noteBack(relayId: string, relay: RelayRecord): void {
    if (relay.lostAt === undefined) return;
    this.#note(relayId, 'relay-back', { durationMs: Math.round(this.#deps.now() - relay.lostAt) });
    relay.lostAt = undefined;
  }

  /** In the log of each running flow that needs the relay, with the pipeline that it carries there. */
  #note(relayId: string, code: ServerEvent['code'], facts: ServerEvent['facts']): void {
    for (const flow of this.#deps.flows()) {
      const [plan] = flow.running ? (this.#placement(flow).get(relayId) ?? []) : [];
      if (plan) this.#deps.note({ flow, code, facts: { relay: relayId, pipeline: plan.pipeline, ...facts } });
    }
  }

  #isSilent(relay: RelayRecord): boolean {
    return this.#deps.now() - relay.heardAt > SILENT_MS;
  }

  #relay(relayId: string): RelayRecord {
    const known = this.#relays.get(relayId);
    if (known) return known;
    const fresh: RelayRecord = {
      link: undefined,
      boot: undefined,
      heardAt: this.#deps.now(),
      applied: new Map(),
      endpoints: [],
      isToldSilent: false,
      lostAt: undefined,
      inFlight: new Set(),
    };
    this.#relays.set(relayId, fresh);
    return fresh;
  }

  #changed(flowIds: Iterable<string>): void {
    const changed = new Set(flowIds);
    if (changed.size > 0) for (const listener of [...this.#listeners]) listener(changed);
  }
}

/** Asked before the rest of a hello is read: another version may say the rest in another way. */
export function checkVersion({ relayId, version }: Pick<Hello, 'relayId' | 'version'>): void {
  if (version !== CONTRACT_VERSION)
    throw new Error(
      `Relay ${relayId} speaks contract ${version}, this server ${CONTRACT_VERSION}. Upgrade the older one.`,
    );
}

const toMap = (applied: readonly { flowId: string; revision: number }[]): Map<string, number> =>
  new Map(applied.map(({ flowId, revision }) => [flowId, revision]));
