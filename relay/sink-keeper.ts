/** Keeps one sink open: dials, dials again by itself, and calls it Connected only while the peer confirms media. */
import { Backoff } from './backoff.ts';
import type { Condition, IncidentCode } from './contract/messages.ts';
import type { FlvTag } from './formats/flv-tag.ts';
import { type EndStatus, Ledger } from './ledger.ts';
import { bytesOf, EndpointFault, type MediaBatch, type Peer, type Sink, type SinkEvents, unitsOf } from './media.ts';
import type { KeeperTools } from './source-keeper.ts';
import { Growth } from './tally.ts';

export interface SinkKeeperOptions {
  readonly id: string;
  readonly open: (events: SinkEvents) => Sink;
  /** Does the pipeline's source bring media? Without it there is nothing to confirm. */
  readonly hasInput: (now: number) => boolean;
  /** Told once a second how many messages or tags the peer was too slow for since. */
  readonly dropped: (count: number) => void;
  /** What a peer that has just connected must have before it can decode. */
  readonly headers: () => readonly FlvTag[];
}

export class SinkKeeper {
  readonly #options: SinkKeeperOptions;
  readonly #tools: KeeperTools;
  readonly #ledger: Ledger;
  readonly #backoff: Backoff;
  readonly #dropped = new Growth();
  #sink: Sink | undefined;

  constructor(options: SinkKeeperOptions, tools: KeeperTools) {
    this.#options = options;
    this.#tools = tools;
    this.#ledger = new Ledger(options.id, 'sink', tools.now(), tools.changed);
    this.#backoff = new Backoff(tools.random);
    this.#open();
  }

  send(batch: MediaBatch): void {
    if (!this.#sink || !this.#ledger.peer) return;
    const taken = this.#sink.send(batch);
    const units = unitsOf(batch);
    this.#ledger.moved(units === 0 ? 0 : Math.round((bytesOf(batch) * taken) / units), taken);
    this.#ledger.dropped += units - taken;
  }

  /** Called several times a second: everything that happens by the clock happens here. */
  tick(now: number): void {
    if (!this.#sink && now >= (this.#ledger.retryAt ?? 0)) this.#open();
    this.#ledger.stand(this.#condition(now), now);
  }

  sample(now: number): void {
    if (this.#ledger.sample(now, this.#sink?.figures()) > 0) this.#ledger.alive(now);
    this.#options.dropped(this.#dropped.since(this.#ledger.droppedInAll));
  }

  status(): EndStatus {
    return this.#ledger.status(false);
  }

  close(): void {
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.close();
  }

  /** Events of a sink that is no longer ours (closed, or followed by another) are not heard. */
  #open(): void {
    let mine: Sink | undefined;
    const events: SinkEvents = {
      connected: (peer) => mine === this.#sink && this.#connected(peer),
      ended: (code) => mine === this.#sink && this.#ended(code),
    };
    this.#ledger.retryAt = undefined;
    try {
      mine = this.#sink = this.#options.open(events);
    } catch (fault) {
      if (!(fault instanceof EndpointFault)) throw fault;
      this.#ended(fault.code);
    }
  }

  #connected(peer: Peer): void {
    this.#backoff.up(this.#tools.now());
    this.#ledger.met(peer);
    const tags = this.#options.headers();
    if (tags.length > 0) this.#sink?.send({ container: 'flv', tags, at: this.#tools.now() * 1000 });
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
