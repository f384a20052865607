/** Keeps one sink open: dials, dials again by itself, and calls it Connected only while the peer confirms media. */
import { Backoff } from './backoff.ts';
import type { Condition, IncidentCode } from './contract/messages.ts';
import { type EndStatus, Ledger } from './ledger.ts';
import { EndpointFault, type PacketBatch, type Peer, type Sink, type SinkEvents } from './media.ts';
import type { KeeperTools } from './source-keeper.ts';

export interface SinkKeeperOptions {
  readonly id: string;
  readonly open: (events: SinkEvents) => Sink;
  /** Does the pipeline's source bring media? Without it there is nothing to confirm. */
  readonly hasInput: (now: number) => boolean;
}

export class SinkKeeper {
  readonly #options: SinkKeeperOptions;
  readonly #tools: KeeperTools;
  readonly #ledger: Ledger;
  readonly #backoff: Backoff;
  #sink: Sink | undefined;
  #closed = false;

  constructor(options: SinkKeeperOptions, tools: KeeperTools) {
    this.#options = options;
    this.#tools = tools;
    this.#ledger = new Ledger(options.id, 'sink', tools.now(), tools.changed);
    this.#backoff = new Backoff(tools.random);
    this.#open();
  }

  send(batch: PacketBatch): void {
    if (!this.#sink || !this.#ledger.peer) return;
    const taken = this.#sink.send(batch);
    this.#ledger.moved(taken === batch.lengths.length ? batch.data.length : sum(batch.lengths, taken), taken);
    this.#ledger.dropped += batch.lengths.length - taken;
  }

  /** Called several times a second: everything that happens by the clock happens here. */
  tick(now: number): void {
    if (this.#closed) return;
    if (!this.#sink && now >= (this.#ledger.retryAt ?? 0)) this.#open();
    this.#ledger.stand(this.#condition(now), now);
  }

  sample(now: number): void {
    if (this.#ledger.sample(now, this.#sink?.figures()) > 0) this.#ledger.alive(now);
  }

  status(): EndStatus {
    return this.#ledger.status(false);
  }

  close(): void {
    this.#closed = true;
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.close();
  }

  /** Events of a sink that is no longer ours (closed, or followed by another) are not heard. */
  #open(): void {
    let mine: Sink | undefined;
    let early: IncidentCode | undefined;
    const isMine = (): boolean => mine !== undefined && mine === this.#sink;
    const events: SinkEvents = {
      connected: (peer) => isMine() && this.#connected(peer),
      ended: (code) => {
        if (isMine()) this.#ended(code);
        else if (!mine) early = code;
      },
    };
    this.#ledger.retryAt = undefined;
    try {
      mine = this.#sink = this.#options.open(events);
    } catch (fault) {
      if (!(fault instanceof EndpointFault)) throw fault;
      early = fault.code;
    }
    if (early) this.#ended(early);
  }

  #connected(peer: Peer): void {
    this.#backoff.up(this.#tools.now());
    this.#ledger.met(peer);
  }

  #ended(code: IncidentCode): void {
    const now = this.#tools.now();
    this.#sink = undefined;
    this.#ledger.parted(code, now);
    this.#ledger.retryAt = now + this.#backoff.down(now);
  }

  #condition(now: number): Condition {
    if (!this.#sink) return 'backing-off';
    if (!this.#ledger.peer) return 'dialling';
    if (this.#ledger.isAlive(now)) return 'flowing';
    return this.#options.hasInput(now) ? 'unacknowledged' : 'no-input';
  }
}

const sum = (lengths: Uint16Array, count: number): number =>
  lengths.subarray(0, count).reduce((all, length) => all + length, 0);
