/** What befalls the relays, for the logs of the flows on them: each thing once, and that a relay is back once it is. */
import type { ServerEvent } from '../db/server-events.ts';
import { type Death, deathNote, LOOP_DEATHS, LOOP_MS } from './relay-deaths.ts';

export interface RelayNewsDeps {
  /** Monotonic ms. */
  readonly now: () => number;
  readonly note: (relayId: string, code: ServerEvent['code'], facts: ServerEvent['facts']) => void;
}

interface Told {
  /** Since when it has been away, as the flows were told. */
  readonly awayAt: number;
  isLost: boolean;
  isHung: boolean;
  /** It keeps dying, and the flows know: nothing more is told before then. */
  steadyAt: number;
}

export class RelayNews {
  readonly #deps: RelayNewsDeps;
  readonly #relays = new Map<string, Told>();

  constructor(deps: RelayNewsDeps) {
    this.#deps = deps;
  }

  /** It is silent; whether it runs nobody knows. Called as often as it is found so. */
  lost(relayId: string): void {
    const told = this.#away(relayId);
    if (!told.isLost) this.#tell(relayId, 'relay-lost', {});
    told.isLost = true;
  }

  /** It hangs, and is being ended. Called as often as that is tried. */
  hung(relayId: string, silentMs: number): void {
    const told = this.#away(relayId);
    if (!told.isHung) this.#tell(relayId, 'relay-hung', { silentMs: Math.round(silentMs) });
    told.isHung = true;
  }

  /** Its process is gone. */
  died(relayId: string, death: Death): void {
    const told = this.#away(relayId);
    const note = deathNote(death);
    if (note) this.#tell(relayId, note.code, note.facts);
    if (death.deaths >= LOOP_DEATHS) told.steadyAt = this.#deps.now() + LOOP_MS;
    Object.assign(told, { isLost: false, isHung: false });
  }

  /** It reports. Called with each report. */
  back(relayId: string): void {
    const told = this.#relays.get(relayId);
    if (!told || this.#deps.now() < told.steadyAt) return;
    this.#tell(relayId, 'relay-back', { durationMs: Math.round(this.#deps.now() - told.awayAt) });
    this.#relays.delete(relayId);
  }

  #away(relayId: string): Told {
    const { now } = this.#deps;
    const told = this.#relays.get(relayId) ?? { awayAt: now(), isLost: false, isHung: false, steadyAt: 0 };
    this.#relays.set(relayId, told);
    return told;
  }

  #tell(relayId: string, code: ServerEvent['code'], facts: ServerEvent['facts']): void {
    const steadyAt = this.#relays.get(relayId)?.steadyAt ?? 0;
    if (this.#deps.now() >= steadyAt) this.#deps.note(relayId, code, facts);
  }
}
