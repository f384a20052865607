/** Keeps one sink open: dials, dials again by itself, and calls it Connected only while the peer confirms media. */
import { Backoff } from './backoff.ts';
import type { Condition, IncidentCode } from './contract/messages.ts';
import type { Protocol } from './contract/settings.ts';
import type { FlvTag } from './formats/flv-tag.ts';
import { Gauge, type Reading } from './gauge.ts';
import { type EndStatus, Ledger } from './ledger.ts';
import {
  bytesOf,
  type EndFigures,
  EndpointFault,
  firstOf,
  type MediaBatch,
  type Peer,
  type Sink,
  type SinkEvents,
  unitsOf,
} from './media.ts';
import type { KeeperTools } from './source-keeper.ts';
import { Growth } from './tally.ts';

/** How long a peer may take to confirm the first media. */
const CONFIRM_MS = 500;

export interface SinkKeeperOptions {
  readonly id: string;
  readonly protocol: Protocol;
  /** Whom it calls, as it was set. */
  readonly target: Peer;
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
  readonly #gauge = new Gauge();
  #reading: Reading | undefined;
  #sink: Sink | undefined;
  #acknowledged = 0;
  /** Since when there has been something to confirm. */
  #inputSince: number | undefined;
  #closed = false;

  constructor(options: SinkKeeperOptions, tools: KeeperTools) {
    this.#options = options;
    this.#tools = tools;
    const { id, protocol, target } = options;
    const { changed, tell } = tools;
    this.#ledger = new Ledger({ id, role: 'sink', protocol, target, changed, tell }, tools.now());
    this.#backoff = new Backoff(tools.random);
    this.#open();
  }

  send(batch: MediaBatch): void {
    if (!this.#sink || !this.#ledger.peer) return;
    const taken = this.#sink.send(batch);
    const units = unitsOf(batch);
    this.#ledger.moved(units === 0 ? 0 : Math.round((bytesOf(batch) * taken) / units), taken);
    this.#ledger.dropped += units - taken;
    const sent = taken === units ? batch : firstOf(batch, taken);
    if (sent) this.#gauge.take(sent);
  }

  /** Called several times a second: everything that happens by the clock happens here. */
  tick(now: number): void {
    if (this.#closed) return;
    if (!this.#sink && now >= (this.#ledger.retryAt ?? 0)) this.#open();
    // Looked at often until the first confirmation, so that a healthy sink is not called doubtful for a second.
    if (this.#ledger.peer && !this.#ledger.isAlive(now)) this.#confirm(this.#sink?.figures(), now);
    this.#inputSince = this.#options.hasInput(now) ? (this.#inputSince ?? now) : undefined;
    this.#ledger.stand(this.#condition(now), now);
  }

  sample(now: number, edge = now): void {
    const figures = this.#sink?.figures();
    this.#ledger.sample(now, figures);
    this.#confirm(figures, now);
    this.#options.dropped(this.#dropped.since(this.#ledger.droppedInAll));
    this.#reading = this.#gauge.read(now, figures?.link, edge);
  }

  /** What the last sample measured; undefined while nobody is connected and nothing came: a gap is a gap. */
  get reading(): Reading | undefined {
    return this.#ledger.peer || this.#ledger.bitrate > 0 ? this.#reading : undefined;
  }

  status(): EndStatus {
    return this.#ledger.status(false);
  }

  close(): void {
    this.#closed = true;
    this.#ledger.closed(this.#tools.now());
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
    this.#acknowledged = 0;
    const now = this.#tools.now();
    this.#backoff.up(now);
    this.#ledger.met(peer, now, this.#sink?.figures());
    const tags = this.#options.headers();
    if (tags.length > 0) this.#sink?.send({ container: 'flv', tags, at: now * 1000 });
  }

  #ended(code: IncidentCode): void {
    const now = this.#tools.now();
    this.#sink = undefined;
    this.#ledger.parted(code, now, this.#backoff.down(now));
  }

  #condition(now: number): Condition {
    if (!this.#sink) return 'backing-off';
    if (!this.#ledger.peer) return 'dialling';
    if (this.#ledger.isAlive(now)) return 'flowing';
    const isOwed = this.#inputSince !== undefined && now - this.#inputSince >= CONFIRM_MS;
    return isOwed ? 'unacknowledged' : 'no-input';
  }

  /** More acknowledged than before is the proof that media arrives there. */
  #confirm(figures: EndFigures | undefined, now: number): void {
    if (!figures) return;
    if (figures.acknowledged > this.#acknowledged) this.#ledger.alive(now);
    this.#acknowledged = figures.acknowledged;
  }
}
