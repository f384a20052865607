/** Keeps one source open: listens again when its port was taken, hangs up on the silent, says truly how it stands. */
import { Backoff } from './backoff.ts';
import type { Condition, IncidentCode } from './contract/messages.ts';
import type { Protocol } from './contract/settings.ts';
import { Gauge, type Reading } from './gauge.ts';
import type { Tell } from './happening.ts';
import { type EndStatus, Ledger } from './ledger.ts';
import {
  bytesOf,
  EndpointFault,
  type MediaBatch,
  type Peer,
  type Source,
  type SourceEvents,
  unitsOf,
} from './media.ts';
import { Growth } from './tally.ts';

/** A caller that has sent nothing for this long is hung up on, so that its encoder notices and redials. */
export const IDLE_MS = 30_000;

/** What a keeper is given: how to open its end, and the clock (monotonic ms) and chance that it lives by. */
export interface KeeperTools {
  readonly now: () => number;
  readonly random: () => number;
  /** The state is another one: worth an early report. */
  readonly changed: () => void;
  /** Something happened that belongs in the operator's log. */
  readonly tell: Tell;
}

export interface SourceKeeperOptions {
  readonly id: string;
  readonly protocol: Protocol;
  readonly open: (events: SourceEvents) => Source;
  /** Another session begins: nothing of it continues what came before. */
  readonly began: (peer: Peer) => void;
  /** Each batch that arrived. What it returns was let go by the bandwidth cap, in messages or tags. */
  readonly data: (batch: MediaBatch) => number;
  /** Told the media rate once a second; true while the source is over the flow's bandwidth. */
  readonly isOver: (bitrate: number) => boolean;
  /** Told once a second how much came to the port since and was not of its protocol. */
  readonly malformed: (count: number) => void;
  /** Told once a second while somebody is connected what was measured, and how much was lost on the way. */
  readonly measured: (reading: Reading, lost: number) => void;
}

export class SourceKeeper {
  readonly #options: SourceKeeperOptions;
  readonly #tools: KeeperTools;
  readonly #ledger: Ledger;
  readonly #backoff: Backoff;
  readonly #malformed = new Growth();
  readonly #gauge = new Gauge();
  #reading: Reading | undefined;
  #source: Source | undefined;
  #quietSince = 0;
  #over = false;
  #closed = false;

  constructor(options: SourceKeeperOptions, tools: KeeperTools) {
    this.#options = options;
    this.#tools = tools;
    const { id, protocol } = options;
    this.#ledger = new Ledger({ id, role: 'source', protocol, changed: tools.changed, tell: tools.tell }, tools.now());
    this.#backoff = new Backoff(tools.random);
    this.#open();
  }

  /** Has media arrived lately? */
  isAlive(now: number): boolean {
    return this.#ledger.isAlive(now);
  }

  allow(allowlist: readonly string[]): void {
    this.#source?.allow(allowlist);
  }

  /** Called several times a second: everything that happens by the clock happens here. */
  tick(now: number): void {
    if (this.#closed) return;
    if (this.#source) this.#hangUpOnTheSilent(this.#source, now);
    else if (now >= (this.#ledger.retryAt ?? 0)) this.#open();
    this.#ledger.stand(this.#condition(now), now);
  }

  sample(now: number, edge = now): void {
    const figures = this.#source?.figures();
    this.#ledger.sample(now, figures);
    this.#options.malformed(this.#malformed.since(figures?.malformed ?? 0));
    this.#over = this.#options.isOver(this.#ledger.bitrate);
    this.#reading = this.#gauge.read(now, figures?.link, edge);
    if (this.#ledger.peer) this.#options.measured(this.#reading, this.#ledger.lostNow);
  }

  /** What the last sample measured; undefined while nobody is connected and nothing came: a gap is a gap. */
  get reading(): Reading | undefined {
    return this.#ledger.peer || this.#ledger.bitrate > 0 ? this.#reading : undefined;
  }

  /** `live`: with failover, whether the outputs get this source's media. */
  status(live?: boolean): EndStatus {
    const status = this.#ledger.status(this.#over);
    return live === undefined ? status : { ...status, live };
  }

  close(): void {
    this.#closed = true;
    this.#ledger.closed(this.#tools.now());
    this.#source?.close();
    this.#source = undefined;
  }

  #open(): void {
    try {
      this.#source = this.#options.open(this.#events());
      this.#ledger.retryAt = undefined;
      this.#backoff.up(this.#tools.now());
    } catch (fault) {
      if (!(fault instanceof EndpointFault)) throw fault;
      this.#ended(fault.code);
    }
  }

  #events(): SourceEvents {
    return {
      connected: (peer) => this.#connected(peer),
      data: (batch) => this.#data(batch),
      disconnected: (code) => this.#disconnected(code),
      refused: (code, peer) => this.#ledger.refused(code, this.#tools.now(), peer),
      ended: (code) => this.#ended(code),
    };
  }

  #connected(peer: Peer): void {
    // The caller before gave way without a word.
    if (this.#ledger.peer) this.#disconnected('gave-way');
    this.#quietSince = this.#tools.now();
    this.#ledger.met(peer, this.#quietSince, this.#source?.figures());
    this.#gauge.restart();
    this.#options.began(peer);
  }

  #data(batch: MediaBatch): void {
    if (this.#closed) return;
    this.#quietSince = this.#tools.now();
    this.#ledger.alive(this.#quietSince);
    this.#ledger.moved(bytesOf(batch), unitsOf(batch));
    this.#gauge.take(batch);
    this.#ledger.dropped += this.#options.data(batch);
  }

  #disconnected(code: IncidentCode): void {
    if (this.#closed) return;
    this.#ledger.parted(code, this.#tools.now());
  }

  /** The source itself is gone: it is opened again by the clock. */
  #ended(code: IncidentCode): void {
    if (this.#closed) return;
    const now = this.#tools.now();
    this.#source?.close();
    this.#source = undefined;
    this.#ledger.parted(code, now, this.#backoff.down(now));
  }

  #hangUpOnTheSilent(source: Source, now: number): void {
    if (!this.#ledger.peer || now - this.#quietSince < IDLE_MS) return;
    source.hangUp();
    this.#ledger.parted('idle', now);
  }

  #condition(now: number): Condition {
    if (!this.#source) return 'backing-off';
    if (!this.#ledger.peer) return 'listening';
    return this.#ledger.isAlive(now) ? 'flowing' : 'stalled';
  }
}
