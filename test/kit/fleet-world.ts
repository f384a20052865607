/** A server and its relays in one process: the real fleet, the real relays, and between them lines that a test may break. */
import type { Flow } from '../../db/model.ts';
import {
  type Apply,
  applySchema,
  CONTRACT_VERSION,
  helloSchema,
  type PipelinePlan,
  type SinkSpec,
  type SourceSpec,
  reportSchema,
} from '../../relay/contract/messages.ts';
import { Relay } from '../../relay/relay.ts';
import { Fleet } from '../../server/fleet.ts';
import { createFlows, type Flows } from '../../server/flows.ts';
import { type Ground, place } from '../../server/placement.ts';
import type { Death } from '../../server/relay-deaths.ts';
import { type Clock, createClock } from './clock.ts';
import { createFakeProtocol, type FakeProtocol } from './fake-ends.ts';
import { createLine, type Line } from './memory-link.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';
import { relayNotes } from './relay-notes.ts';
import { regions } from './samples.ts';

export const ground: Ground = {
  listenHost: '0.0.0.0',
  hopHost: '127.0.0.1',
  hopKey: (place) => place.padEnd(20, '.'),
  rtmpPort: (relayId) => (relayId.endsWith('-1') ? 1935 : 1936),
};

interface Process {
  readonly relay: Relay;
  readonly ends: FakeProtocol;
  readonly boot: string;
  line: Line | undefined;
  /** The one that its line leads to. */
  server: Server | undefined;
  /** Neither hears nor says anything; its media goes on. */
  hangs: boolean;
}

/** A server's view of the flows: one that was usurped keeps seeing what it knew then. */
interface Server {
  readonly fleet: Fleet;
  readonly flows: Flows;
  store: MemoryStore;
}

export class World {
  readonly clock: Clock = createClock();
  readonly store: MemoryStore;
  /** The relay processes that live. They outlive the server. */
  readonly processes = new Map<string, Process>();
  readonly log: string[] = [];
  /** What the fleet told of its relays in the logs of flows. */
  readonly noted: string[] = [];
  readonly killed: string[] = [];
  /** False: a process that is asked for does not come up. */
  canStart = true;
  #server: Server;
  /** Another server has taken over from it, and it has not noticed yet. */
  #ghost: Server | undefined;
  #backup: readonly Flow[] | undefined;
  #boots = 0;
  #nextPort = 20_000;

  constructor(flows: readonly Flow[] = []) {
    this.store = createMemoryStore(flows);
    this.#server = this.#createServer();
  }

  get fleet(): Fleet {
    return this.#server.fleet;
  }

  get flows(): Flows {
    return this.#server.flows;
  }

  /** The server dies and another one comes up with what was saved; the relays notice nothing but the end of their lines. */
  restartServer(): void {
    for (const relayId of this.processes.keys()) this.cut(relayId);
    this.#server = this.#createServer();
    this.fleet.reconcile();
  }

  /** A second server takes over while the first still lives and has lines to relays; it ends when it next looks. */
  usurp(): void {
    this.layGhost();
    this.#ghost = this.#server;
    this.#ghost.store = createMemoryStore(this.store.all());
    this.#server = this.#createServer();
    this.fleet.reconcile();
  }

  /** The server that was usurped looks after its relays one last time, and ends. */
  layGhost(): void {
    const ghost = this.#ghost;
    if (!ghost) return;
    ghost.fleet.tick();
    this.#ghost = undefined;
    for (const { line, server } of this.processes.values()) if (server === ghost) line?.cut();
  }

  keepBackup(): void {
    this.#backup = this.store.all();
  }

  /** The database is put back to the backup, and the server started with it. */
  restoreBackup(): void {
    if (!this.#backup) return;
    for (const { id } of this.store.all()) void this.store.remove(id);
    for (const flow of this.#backup) void this.store.save(flow);
    this.restartServer();
  }

  hang(relayId: string): void {
    const process = this.processes.get(relayId);
    if (process) process.hangs = true;
  }

  /** The relay dials and says hello; nothing has arrived yet. */
  dial(relayId: string, changes: { version?: number } = {}): Line {
    const process = this.#process(relayId);
    this.cut(relayId);
    const server = this.#server;
    const { fleet } = server;
    const line = createLine({
      near: {
        hello: (body) => fleet.join(line.near, helloSchema.parse(body)),
        report: (body) => fleet.reported(relayId, line.near, reportSchema.parse(body)),
      },
      far: { apply: (body) => process.relay.apply(applySchema.parse(body)) },
      onCut: () => {
        fleet.left(relayId, line.near);
        if (process.line === line) process.line = undefined;
      },
    });
    Object.assign(process, { line, server });
    const { boot, relay } = process;
    const hello = { version: CONTRACT_VERSION, relayId, boot, pid: 7, applied: relay.applied(), ...changes };
    line.far.request('hello', hello, 5000).catch((error: unknown) => {
      this.log.push(error instanceof Error ? error.message : String(error));
      line.cut();
    });
    return line;
  }

  async connect(relayId: string): Promise<void> {
    await this.dial(relayId).settle();
  }

  /** What the relay runs, published once; nothing has arrived yet. */
  publish(relayId: string): void {
    const process = this.processes.get(relayId);
    if (process?.hangs) return;
    process?.line?.far.publish(
      'report',
      process.relay.report(this.clock.now(), (at) => at),
    );
  }

  async report(relayId: string): Promise<void> {
    this.publish(relayId);
    await this.processes.get(relayId)?.line?.settle();
  }

  cut(relayId: string): void {
    this.processes.get(relayId)?.line?.cut();
  }

  kill(relayId: string, cause: Death['cause'] = 'killed'): void {
    const process = this.processes.get(relayId);
    if (!process) return;
    this.processes.delete(relayId);
    process.relay.close();
    process.line?.cut();
    this.fleet.died(relayId, { cause, deaths: 1, waitMs: 100 });
  }

  /** Time passes, and the server looks after its relays once a second. */
  pass(ms: number): void {
    for (let left = ms; left > 0; left -= 1000) {
      this.clock.turn(Math.min(left, 1000));
      this.fleet.tick();
    }
  }

  /** Every relay that lives dials where it has no line, takes what is on its way, and reports. */
  async calm(): Promise<void> {
    for (const [relayId, process] of this.processes) {
      if (process.hangs) continue;
      if (!process.line) this.dial(relayId);
      await process.line?.settle();
      await this.report(relayId);
    }
  }

  /** The ends that are open in each relay process, in words. */
  runs(): Record<string, string[]> {
    return Object.fromEntries(
      [...this.processes].map(([relayId, { ends }]) => {
        const sources = ends.sources.filter(({ closed }) => !closed);
        const sinks = ends.sinks.filter(({ closed }) => !closed);
        return [
          relayId,
          [
            ...sources.flatMap(({ spec, allowlist }) => (spec ? listens(spec, allowlist) : [])),
            ...sinks.flatMap(({ spec }) => (spec ? sends(spec) : [])),
          ].sort(),
        ];
      }),
    );
  }

  /** Ports and outputs that are open more than once, whoever has them open: none, at any time. */
  doubles(): string[] {
    const open = Object.values(this.runs())
      .flat()
      .map((end) => end.replace(/^(listens \d+) .*/, '$1'));
    return open.filter((end, index) => open.indexOf(end) !== index);
  }

  /** What should be open in each relay process that lives. */
  wished(): Record<string, string[]> {
    const plans = this.store
      .all()
      .filter(({ running }) => running)
      .flatMap((flow) => [...place(flow, ground)]);
    return Object.fromEntries(
      [...this.processes.keys()].map((relayId) => [
        relayId,
        plans.flatMap(([id, list]) => (id === relayId ? list.flatMap(endsOf) : [])).sort(),
      ]),
    );
  }

  /** The relays that running flows need. */
  needed(): string[] {
    const running = this.store.all().filter(({ running: wish }) => wish);
    return [...new Set(running.flatMap((flow) => [...place(flow, ground).keys()]))];
  }

  /** An apply that goes past the fleet, as from a server that is no more. */
  applyBehind(relayId: string, wish: Apply): void {
    this.#process(relayId).relay.apply(wish);
  }

  #createServer(): Server {
    const view = { store: this.store };
    const fleet: Fleet = new Fleet({
      flows: () => view.store.all(),
      place: (flow) => place(flow, ground),
      launcher: {
        ensure: (relayId) => {
          const isNew = this.canStart && !this.processes.has(relayId);
          if (isNew) this.#process(relayId);
          return isNew;
        },
        kill: (relayId) => {
          this.killed.push(relayId);
          const isThere = this.processes.has(relayId);
          this.kill(relayId, 'hung');
          return isThere;
        },
        adopt: () => {},
        found: () => [...this.processes.keys()],
      },
      now: this.clock.now,
      log: (what, detail) => this.log.push(`${what} ${JSON.stringify(detail)}`),
      note: ({ flow, code, facts }) => this.noted.push(`${flow.id} ${code} ${JSON.stringify(facts)}`),
    });
    const flows = createFlows({
      store: this.store,
      regions,
      bandwidths: [10_000_000],
      publicHost: 'relay.example.net',
      findPorts: async (count) => Array.from({ length: count }, () => this.#nextPort++),
      ensureRtmpPorts: async () => undefined,
      stateOf: (flow) => fleet.state(flow),
      settle: async () => fleet.reconcile(),
      now: this.clock.now,
    });
    return Object.assign(view, { fleet, flows });
  }

  #process(relayId: string): Process {
    const known = this.processes.get(relayId);
    if (known) return known;
    const ends = createFakeProtocol();
    const relay = new Relay(ends.protocols, {
      now: this.clock.now,
      random: () => 0.5,
      ...relayNotes(),
    });
    const fresh: Process = {
      relay,
      ends,
      boot: `boot-${++this.#boots}`,
      line: undefined,
      server: undefined,
      hangs: false,
    };
    this.processes.set(relayId, fresh);
    return fresh;
  }
}

const endsOf = ({ source, sinks, failover }: PipelinePlan): string[] => [
  listens(source),
  ...(failover ? [listens(failover.cross)] : []),
  ...sinks.map(sends),
];

const listens = ({ port, allowlist }: SourceSpec, adopted: readonly string[] = allowlist): string =>
  `listens ${port} to ${adopted.join()}`;

const sends = (spec: SinkSpec): string =>
  `sends ${spec.id} to ${spec.protocol === 'rtmp' ? spec.url : `${spec.host}:${spec.port}`}`;
