/** What an endpoint remembers of itself: its peer, what moved, what was lost, what happened last. Times are monotonic ms. */
import type { Condition, EndpointStatus, Facts, Incident, IncidentCode, RelayEventCode } from './contract/messages.ts';
import type { Protocol } from './contract/settings.ts';
import type { Tell } from './happening.ts';
import type { EndFigures, Peer } from './media.ts';
import { Growth, Tally } from './tally.ts';

/** Media that pauses for longer than this is not moving: the endpoint is no longer Connected. */
export const STALL_MS = 3000;
/** Attempts that lie further apart than this are not one row: twice the longest wait. */
const OVER_MS = 60_000;

/** An endpoint's status on the relay's own clock; the relay adds flow and pipeline and turns times into epoch ms. */
export type EndStatus = Omit<EndpointStatus, 'flowId' | 'pipeline'>;

/** What a ledger is of, and whom it tells: `changed` of what an operator would want to see at once, `tell` for the log. */
export interface LedgerOptions {
  readonly id: string;
  readonly role: 'source' | 'sink';
  readonly protocol: Protocol;
  /** Whom a sink calls, as it was set. */
  readonly target?: Peer;
  readonly changed: () => void;
  readonly tell: Tell;
}

/** Who ended a session, as far as it can be known; all other endings are the network's. */
const endedBy: Partial<Record<IncidentCode, 'peer' | 'relay'>> = {
  'peer-closed': 'peer',
  'publish-refused': 'peer',
  'address-not-allowed': 'relay',
  'gave-way': 'relay',
  idle: 'relay',
  'too-slow': 'relay',
  'protocol-fault': 'relay',
  'closed-here': 'relay',
};

export class Ledger {
  readonly #options: LedgerOptions;
  readonly #lost = new Growth();
  readonly #lostTally = new Tally();
  readonly #attempts: Attempts = { count: 0, told: 0, since: 0, at: 0, cause: undefined };
  #metAt = 0;
  /** Since when no media moves, once that has been told. */
  #quietSince: number | undefined;
  peer: Peer | undefined;
  retryAt: number | undefined;
  /** Messages that we let go: over the bandwidth, or refused by a full send buffer. */
  dropped = 0;
  /** Messages that never arrived, between the last sample and the one before. */
  lostNow = 0;
  #incident: Incident | undefined;
  #condition: Condition;
  #since: number;
  #movedAt = Number.NEGATIVE_INFINITY;
  #meetings = 0;
  #packets = 0;
  #bytes = 0;
  #bitrate = 0;
  #sampled = { at: 0, bytes: 0 };
  #figures: EndFigures | undefined;
  /** Sums over the sessions that are over, so that totals outlive a reconnect. */
  #past = { lost: 0, dropped: 0 };

  constructor(options: LedgerOptions, now: number) {
    this.#options = options;
    this.#condition = options.role === 'source' ? 'listening' : 'dialling';
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

  /** `figures` as the open end has them at this moment. */
  met(peer: Peer, now: number, figures?: EndFigures): void {
    this.peer = peer;
    this.#meetings++;
    this.retryAt = undefined;
    this.#metAt = now;
    this.#quietSince = undefined;
    this.#attempts.count = 0;
    this.#tell('connected', peer, linkFacts(figures));
    this.#options.changed();
  }

  /** The session is over, or never came to be; `retryInMs` where the relay itself tries again. */
  parted(code: IncidentCode, now: number, retryInMs?: number): void {
    this.#incident = { code, at: now, ...(this.peer && { peer: this.peer }) };
    this.retryAt = retryInMs === undefined ? undefined : now + retryInMs;
    if (this.peer) this.#tellParting(this.peer, code, now, retryInMs);
    else if (retryInMs !== undefined) this.#tellAttempt(code, now, retryInMs);
    this.peer = undefined;
    this.#movedAt = Number.NEGATIVE_INFINITY;
    this.#past.lost += this.#figures?.lost ?? 0;
    this.#past.dropped += this.#figures?.dropped ?? 0;
    this.#figures = undefined;
    this.#options.changed();
  }

  /** A caller was told no. */
  refused(code: IncidentCode, now: number, peer: Peer): void {
    this.#incident = { code, at: now, peer };
    this.#tell('refused', peer, { cause: code });
    this.#options.changed();
  }

  /** We close: whoever is connected hears it, and so does the log. */
  closed(now: number): void {
    if (this.peer) this.#tellParting(this.peer, 'closed-here', now);
    this.peer = undefined;
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
    this.lostNow = this.#lost.since(this.#lostInAll);
    const lost = this.#lostTally.add(this.lostNow, now);
    if (lost !== undefined) this.#tell('data-lost', this.peer, { lost, overMs: this.#lostTally.overMs });
  }

  /** Says how the endpoint stands; a change is worth an early report. */
  stand(condition: Condition, now: number): void {
    this.#watchMedia(condition, now);
    if (condition === this.#condition) return;
    this.#condition = condition;
    this.#since = now;
    this.#options.changed();
  }

  status(over: boolean): EndStatus {
    const { rttMs, latencyMs, keyLength, queueMs } = this.#figures ?? {};
    return {
      id: this.#options.id,
      role: this.#options.role,
      state: this.#condition === 'flowing' ? 'connected' : 'waiting',
      condition: this.#condition,
      since: this.#since,
      peer: this.peer,
      retryAt: this.retryAt,
      incident: this.#incident,
      bitrate: this.#bitrate,
      bytes: this.#bytes,
      sessions: this.#meetings,
      packets: this.#packets,
      dropped: this.droppedInAll,
      lost: this.#lostInAll,
      rttMs,
      latencyMs,
      keyLength,
      queueMs,
      reconnects: Math.max(0, this.#meetings - 1),
      over,
    };
  }

  get #lostInAll(): number {
    return this.#past.lost + (this.#figures?.lost ?? 0);
  }

  /** Media that stands still is told after three seconds, and once more when it moves again. */
  #watchMedia(condition: Condition, now: number): void {
    const isQuiet = condition === 'stalled' || condition === 'unacknowledged';
    const since = Math.max(this.#movedAt, this.#metAt);
    if (isQuiet && this.#quietSince === undefined && now - since >= STALL_MS) {
      this.#quietSince = since;
      this.#tell('stalled', this.peer, { cause: condition, quietMs: STALL_MS });
    } else if (condition === 'flowing' && this.#quietSince !== undefined) {
      this.#tell('flowing-again', this.peer, { durationMs: Math.round(now - this.#quietSince) });
      this.#quietSince = undefined;
    }
  }

  #tellParting(peer: Peer, cause: IncidentCode, now: number, retryInMs?: number): void {
    const durationMs = Math.round(now - this.#metAt);
    const by = endedBy[cause] ?? 'network';
    this.#tell('disconnected', peer, { cause, by, durationMs, ...retryFact(retryInMs) });
  }

  /** A destination that is away for a day makes a dozen lines: attempt 1, 2, 4, 8 and so on, and each new cause. */
  #tellAttempt(cause: IncidentCode, now: number, retryInMs: number): void {
    const attempts = this.#attempts;
    if (now - attempts.at > OVER_MS) attempts.count = 0;
    if (attempts.count === 0) Object.assign(attempts, { told: 0, since: now, cause: undefined });
    attempts.count++;
    attempts.at = now;
    if (attempts.count < attempts.told * 2 && cause === attempts.cause) return;
    Object.assign(attempts, { told: attempts.count, cause });
    const triedForMs = Math.round(now - attempts.since);
    this.#tell('retry', this.#options.target, { cause, attempt: attempts.count, triedForMs, ...retryFact(retryInMs) });
  }

  #tell(code: RelayEventCode, peer: Peer | undefined, facts: Facts): void {
    const { id, role, protocol, tell } = this.#options;
    tell({ endpoint: id, role, code, peer, facts: { ...facts, protocol } });
  }
}

/** Calls that came to nothing, one after the other. */
interface Attempts {
  count: number;
  told: number;
  since: number;
  at: number;
  cause: IncidentCode | undefined;
}

const retryFact = (retryInMs: number | undefined): Facts =>
  retryInMs === undefined ? {} : { retryInMs: Math.round(retryInMs) };

/** What both ends agreed on, where the protocol has it. */
const linkFacts = ({ latencyMs, keyLength }: Partial<EndFigures> = {}): Facts => ({
  ...(latencyMs !== undefined && { latencyMs }),
  ...(keyLength !== undefined && { keyLength }),
});
