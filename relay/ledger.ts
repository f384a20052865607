/** What an endpoint remembers of itself: its peer, what moved, what was lost, what happened last. Times are monotonic ms. */
import type { Condition, EndpointStatus, Incident, IncidentCode } from './contract/messages.ts';
import type { EndFigures, Peer } from './media.ts';

/** Media that pauses for longer than this is not moving: the endpoint is no longer Connected. */
export const STALL_MS = 3000;

/** An endpoint's status on the relay's own clock; the relay adds flow and pipeline and turns times into epoch ms. */
export type EndStatus = Omit<EndpointStatus, 'flowId' | 'pipeline'>;

/** What happened with a peer of an endpoint, for the relay's own log. */
export interface Happening {
  readonly endpoint: string;
  readonly what: IncidentCode | 'connected';
  readonly peer: Peer | undefined;
}

export class Ledger {
  readonly #id: string;
  readonly #role: 'source' | 'sink';
  readonly #changed: (happening?: Happening) => void;
  peer: Peer | undefined;
  retryAt: number | undefined;
  /** Messages that we let go: over the bandwidth, or refused by a full send buffer. */
  dropped = 0;
  #incident: Incident | undefined;
  #condition: Condition;
  #since: number;
  #movedAt = Number.NEGATIVE_INFINITY;
  #packets = 0;
  #sessions = 0;
  #bytes = 0;
  #bitrate = 0;
  #sampled = { at: 0, bytes: 0 };
  #figures: EndFigures | undefined;
  /** Sums over the sessions that are over, so that totals outlive a reconnect. */
  #past = { lost: 0, dropped: 0 };

  /** `changed` is called when something happened that an operator would want to see at once, with what it was of a peer. */
  constructor(id: string, role: 'source' | 'sink', now: number, changed: (happening?: Happening) => void) {
    this.#id = id;
    this.#role = role;
    this.#changed = changed;
    this.#condition = role === 'source' ? 'listening' : 'dialling';
    this.#since = now;
    this.#sampled.at = now;
  }

  /** Media in bit/s over the last sample. */
  get bitrate(): number {
    return this.#bitrate;
  }

  /** Messages that were never delivered since the endpoint opened. */
  get droppedInAll(): number {
    return this.dropped + this.#past.dropped + (this.#figures?.dropped ?? 0);
  }

  met(peer: Peer): void {
    this.peer = peer;
    this.retryAt = undefined;
    this.#sessions++;
    this.#changed({ endpoint: this.#id, what: 'connected', peer });
  }

  /** The session is over, or never came to be. */
  parted(code: IncidentCode, now: number): void {
    this.note(code, now, this.peer);
    this.peer = undefined;
    this.#movedAt = Number.NEGATIVE_INFINITY;
    this.#past.lost += this.#figures?.lost ?? 0;
    this.#past.dropped += this.#figures?.dropped ?? 0;
    this.#figures = undefined;
  }

  note(code: IncidentCode, now: number, peer?: Peer): void {
    this.#incident = { code, at: now, ...(peer && { peer }) };
    this.#changed({ endpoint: this.#id, what: code, peer });
  }

  moved(bytes: number, packets: number): void {
    this.#bytes += bytes;
    this.#packets += packets;
  }

  /** Proof that media moves: it arrived here, or the peer acknowledged it. */
  alive(now: number): void {
    this.#movedAt = now;
  }

  isAlive(now: number): boolean {
    return now - this.#movedAt < STALL_MS;
  }

  /** Called once a second with what the open end measures. */
  sample(now: number, figures: EndFigures | undefined): void {
    const seconds = (now - this.#sampled.at) / 1000;
    if (seconds > 0) this.#bitrate = Math.round(((this.#bytes - this.#sampled.bytes) * 8) / seconds);
    this.#sampled = { at: now, bytes: this.#bytes };
    if (figures) this.#figures = figures;
  }

  /** Says how the endpoint stands; a change is worth an early report. */
  stand(condition: Condition, now: number): void {
    if (condition === this.#condition) return;
    this.#condition = condition;
    this.#since = now;
    this.#changed();
  }

  status(over: boolean): EndStatus {
    const { rttMs, latencyMs, keyLength, queueMs } = this.#figures ?? {};
    return {
      id: this.#id,
      role: this.#role,
      state: this.#condition === 'flowing' ? 'connected' : 'waiting',
      condition: this.#condition,
      since: this.#since,
      peer: this.peer,
      retryAt: this.retryAt,
      incident: this.#incident,
      bitrate: this.#bitrate,
      bytes: this.#bytes,
      sessions: this.#sessions,
      packets: this.#packets,
      dropped: this.droppedInAll,
      lost: this.#past.lost + (this.#figures?.lost ?? 0),
      rttMs,
      latencyMs,
      keyLength,
      queueMs,
      over,
    };
  }
}
