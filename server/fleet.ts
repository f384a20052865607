/** The relays: who said hello, what each runs, and the loop that makes what they run equal what is wished. */
import { createHash } from 'node:crypto';
import type { Flow, FlowState } from '../db/model.ts';
import type { ServerEvent } from '../db/server-events.ts';
import type { Link } from '../relay/contract/link.ts';
import {
  type Applied,
  type Apply,
  CONTRACT_VERSION,
  type EndpointStatus,
  type Hello,
  type PipelinePlan,
  type Report,
} from '../relay/contract/messages.ts';
import type { Pipeline } from '../relay/contract/settings.ts';
import {
  isSilentAt,
  type RelayRecord,
  type RelayStanding,
  type RelayView,
  SILENT_MS,
  standingOf,
  viewOf,
} from './relay-view.ts';
import { type Holding, flowState } from './lifecycle.ts';
import type { Death } from './relay-deaths.ts';
import { RelayNews } from './relay-news.ts';

/** A needed relay whose process lives but says nothing for this long hangs: it is ended, and started anew. */
const HUNG_MS = 5000;
/** One that was started just now, or was running before this server was, has so long to say hello. */
const GREET_MS = 10_000;
/** Ticks further apart than this: this server stood still itself, and cannot have heard anybody. */
const STOOD_STILL_MS = 2000;
const APPLY_TIMEOUT_MS = 5000;
/** How long an operator's action waits for the relays before it answers that the flow is on its way. */
const SETTLE_MS = 3000;

/** Starts and ends relay processes on this host. */
export interface Launcher {
  /** Starts the relay unless its process lives. True where it was started just now. */
  ensure(relayId: string): boolean;
  /** Ends a relay that hangs; its death is told like any other. True where there was a process to end. */
  kill(relayId: string): boolean;
  /** The relay said hello from this process: it is the relay's, whatever was known before. */
  adopt(relayId: string, pid: number): void;
  /** The relays whose processes live. */
  found(): readonly string[];
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

interface Wish {
  readonly flow: Flow;
  readonly plans: readonly PipelinePlan[];
  readonly tag: string;
}

/** What one revision of a flow comes to, made once. */
interface Placed {
  readonly revision: number;
  readonly wishes: ReadonlyMap<string, Wish>;
}

export class Fleet {
  readonly #deps: FleetDeps;
  readonly #relays = new Map<string, RelayRecord>();
  readonly #indexes = new WeakMap<readonly EndpointStatus[], ReadonlyMap<string, readonly EndpointStatus[]>>();
  readonly #placed = new Map<string, Placed>();
  readonly #news: RelayNews;
  readonly #listeners = new Set<(flowIds: ReadonlySet<string>) => void>();
  #tickedAt: number;

  constructor(deps: FleetDeps) {
    this.#deps = deps;
    this.#news = new RelayNews({ now: deps.now, note: (...news) => this.#note(...news) });
    this.#tickedAt = deps.now();
    // Left by an earlier server, and nobody knows yet what they run.
    for (const relayId of deps.launcher.found()) this.#relay(relayId).isFound = true;
  }

  /** A relay says hello over `link`. Throws when its contract is not ours; an older link of the same relay is ended. */
  join(link: Link, hello: Hello): void {
    checkVersion(hello);
    const relay = this.#relay(hello.relayId);
    const former = relay.link;
    Object.assign(relay, {
      link,
      boot: hello.boot,
      ...this.#heard(),
      applied: toMap(hello.applied),
      endpoints: [],
      isFound: false,
    });
    relay.inFlight.clear();
    this.#deps.launcher.adopt(hello.relayId, hello.pid);
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
    Object.assign(relay, this.#heard());
    relay.isToldSilent = false;
    this.#news.back(relayId);
    relay.applied = toMap(report.applied);
    relay.endpoints = report.endpoints;
    relay.process = report.process;
    relay.isHeard = true;
    this.#reconcileRelay(relayId, this.#wishes());
    this.#changed(touched);
  }

  /** The relay's process is gone: it runs nothing. */
  died(relayId: string, death: Death): void {
    const relay = this.#relay(relayId);
    const flowIds = [...relay.applied.keys()];
    relay.link?.close();
    Object.assign(relay, {
      link: undefined,
      boot: undefined,
      applied: new Map(),
      endpoints: [],
      process: undefined,
      isFound: false,
      ...this.#heard(GREET_MS),
    });
    this.#deps.log('relay process is gone', { relayId, ...death });
    this.#news.died(relayId, death);
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
    const stoodStill = this.#forgiveOwnStandstill(now);
    const wishes = this.#wishes();
    for (const [relayId, relay] of this.#relays) {
      if (now - relay.heardAt > SILENT_MS && !relay.isToldSilent) {
        relay.isToldSilent = true;
        this.#changed([...relay.applied.keys(), ...(wishes.get(relayId)?.keys() ?? [])]);
      }
      // One that has never said hello is only slow to start.
      if (this.#isSilent(relay) && relay.boot !== undefined && !stoodStill) this.#news.lost(relayId);
      // One that is not needed any more may still hold on to a flow that was stopped.
      const mayRun = wishes.has(relayId) || relay.applied.size > 0 || relay.isFound;
      if (now < relay.dueAt || !mayRun) continue;
      this.#deps.log('relay is silent, ending it', { relayId });
      relay.dueAt = now + HUNG_MS;
      if (this.#deps.launcher.kill(relayId)) this.#news.hung(relayId, now - relay.heardAt);
    }
    this.reconcile();
  }

  state(flow: Flow): FlowState {
    const needed = flow.running ? this.#placement(flow) : new Map<string, Wish>();
    const holders = [...this.#relays].filter(([, { applied }]) => applied.has(flow.id)).map(([relayId]) => relayId);
    const holdings = [...new Set([...needed.keys(), ...holders])].map((relayId): Holding => {
      const held = this.#relays.get(relayId)?.applied.get(flow.id);
      const wish = needed.get(relayId);
      return { needed: wish !== undefined, applied: held && (!wish || isMet(wish, held) ? held.revision : -1) };
    });
    return flowState(flow, holdings);
  }

  /** What fresh reports say of the flow's endpoints; a silent relay's last words are left out. */
  endpoints(flow: Flow): EndpointStatus[] {
    const fresh = [...this.#relays.values()].filter((relay) => !this.#isSilent(relay));
    return fresh.flatMap(({ endpoints }) => this.#byFlow(endpoints).get(flow.id) ?? []);
  }

  /** Every relay that is needed or was heard of, by its id. */
  relays(): RelayView[] {
    const wishes = this.#wishes();
    const ids = [...new Set([...wishes.keys(), ...this.#relays.keys()])].toSorted();
    return ids.map((id) => viewOf(id, this.#relay(id), { isNeeded: wishes.has(id), now: this.#deps.now() }));
  }

  /** How each of them stands, for who restarts them. */
  standings(): RelayStanding[] {
    const wishes = this.#wishes();
    const now = this.#deps.now();
    const ids = [...new Set([...wishes.keys(), ...this.#relays.keys()])].toSorted();
    return ids.map((id) => standingOf(id, this.#relay(id), { wished: [...(wishes.get(id)?.values() ?? [])], now }));
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
    const [relayId] = [...this.#placement(flow)].find(([, { plans }]) => plans.some(takesIn)) ?? [];
    const link = relayId === undefined ? undefined : this.#relay(relayId).link;
    if (!link) throw new Error('the relay of this input is not there');
    return link.request(kind, body, APPLY_TIMEOUT_MS);
  }

  subscribe(listener: (flowIds: ReadonlySet<string>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #wishes(): Map<string, Map<string, Wish>> {
    const wishes = new Map<string, Map<string, Wish>>();
    for (const flow of this.#deps.flows()) {
      if (!flow.running) continue;
      for (const [relayId, wish] of this.#placement(flow)) {
        const here = wishes.get(relayId) ?? new Map<string, Wish>();
        wishes.set(relayId, here.set(flow.id, wish));
      }
    }
    return wishes;
  }

  #reconcileRelay(relayId: string, wishes: ReadonlyMap<string, ReadonlyMap<string, Wish>>): void {
    const relay = this.#relay(relayId);
    const wished = wishes.get(relayId) ?? new Map<string, Wish>();
    if (!relay.link) {
      // It has its time to say hello from here on, however long it was away.
      if (wished.size > 0 && this.#deps.launcher.ensure(relayId)) Object.assign(relay, this.#heard(GREET_MS));
      return;
    }
    for (const wish of wished.values()) {
      const { flow, plans, tag } = wish;
      const held = relay.applied.get(flow.id);
      // Newer than ours, so the database came from a backup: the relay lets go, and takes our wish with its next report.
      if (held && held.revision > flow.revision) void this.#apply(relayId, relay, { ...held, plans: [] });
      else if (!held || !isMet(wish, held))
        void this.#apply(relayId, relay, { flowId: flow.id, revision: flow.revision, tag, plans: [...plans] });
    }
    for (const held of relay.applied.values())
      if (!wished.has(held.flowId)) {
        const revision = Math.max(this.#revisionOf(held.flowId) ?? 0, held.revision);
        void this.#apply(relayId, relay, { ...held, revision, plans: [] });
      }
  }

  async #apply(relayId: string, relay: RelayRecord, wish: Apply): Promise<void> {
    const { link } = relay;
    const { flowId, revision, tag, plans } = wish;
    if (!link || relay.inFlight.has(flowId)) return;
    relay.inFlight.add(flowId);
    try {
      await link.request('apply', wish, APPLY_TIMEOUT_MS);
      if (plans.length > 0) relay.applied.set(flowId, { flowId, revision, tag });
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

  #placement(flow: Flow): ReadonlyMap<string, Wish> {
    const known = this.#placed.get(flow.id);
    if (known?.revision === flow.revision) return known.wishes;
    const placed = [...this.#deps.place(flow)];
    const wishes = new Map(placed.map(([relayId, plans]) => [relayId, { flow, plans, tag: tagOf(plans) }]));
    this.#placed.set(flow.id, { revision: flow.revision, wishes });
    return wishes;
  }

  #revisionOf(flowId: string): number | undefined {
    return this.#deps.flows().find(({ id }) => id === flowId)?.revision;
  }

  /** In the log of each running flow that needs the relay, with the pipeline that it carries there. */
  #note(relayId: string, code: ServerEvent['code'], facts: ServerEvent['facts']): void {
    for (const flow of this.#deps.flows()) {
      const [plan] = flow.running ? (this.#placement(flow).get(relayId)?.plans ?? []) : [];
      if (plan) this.#deps.note({ flow, code, facts: { relay: relayId, pipeline: plan.pipeline, ...facts } });
    }
  }

  #heard(graceMs = HUNG_MS): Pick<RelayRecord, 'heardAt' | 'dueAt'> {
    const heardAt = this.#deps.now();
    return { heardAt, dueAt: heardAt + graceMs };
  }

  /** What relays said meanwhile still waits to be read: they have as long to be heard as they had. True where it did. */
  #forgiveOwnStandstill(now: number): boolean {
    const passed = now - this.#tickedAt;
    this.#tickedAt = now;
    if (passed < STOOD_STILL_MS) return false;
    this.#deps.log('the server stood still', { ms: Math.round(passed) });
    for (const relay of this.#relays.values()) relay.dueAt += passed;
    return true;
  }

  #isSilent(relay: RelayRecord): boolean {
    return isSilentAt(relay, this.#deps.now());
  }

  #relay(relayId: string): RelayRecord {
    const known = this.#relays.get(relayId);
    if (known) return known;
    const fresh: RelayRecord = {
      link: undefined,
      boot: undefined,
      ...this.#heard(GREET_MS),
      applied: new Map(),
      endpoints: [],
      process: undefined,
      isToldSilent: false,
      isHeard: false,
      isFound: false,
      inFlight: new Set(),
    };
    this.#relays.set(relayId, fresh);
    return fresh;
  }

  /** Made once a report: lists of many flows ask for each. */
  #byFlow(endpoints: readonly EndpointStatus[]): ReadonlyMap<string, readonly EndpointStatus[]> {
    const known = this.#indexes.get(endpoints);
    if (known) return known;
    const made = new Map<string, EndpointStatus[]>();
    for (const endpoint of endpoints) made.set(endpoint.flowId, [...(made.get(endpoint.flowId) ?? []), endpoint]);
    this.#indexes.set(endpoints, made);
    return made;
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

const toMap = (applied: readonly Applied[]): Map<string, Applied> =>
  new Map(applied.map((held) => [held.flowId, held]));

const isMet = ({ flow, tag }: Wish, held: Applied): boolean => held.revision === flow.revision && held.tag === tag;

const tagOf = (plans: readonly PipelinePlan[]): string =>
  createHash('sha256').update(JSON.stringify(plans)).digest('base64url').slice(0, 22);
