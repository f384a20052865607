/** The last five minutes of one SRT link, a slot a second, however late a second comes. */
import { ADVICE_SECONDS, type LinkSecond } from './latency-advice.ts';

/** Second, round trip, loss, dropped. */
const FIELDS = 4;

/** As relays measure a link; see docs/health.md. */
type Values = Readonly<Record<string, number>>;

export class LinkWindow {
  /** Made for links of SRT alone: 10 kB each. */
  #slots = new Float64Array(0);

  /** Seconds without a round trip are those of no SRT link, and leave nothing. `at` is epoch ms. */
  add(at: number, { rttMs, lossRatio, retransmitRatio, dropped }: Values): void {
    if (rttMs === undefined) return;
    if (this.#slots.length === 0) this.#slots = new Float64Array(ADVICE_SECONDS * FIELDS);
    const second = Math.floor(at / 1000);
    // A sender does not see what the network lost: what it had to repeat stands for that.
    const loss = lossRatio ?? retransmitRatio ?? 0;
    this.#slots.set([second, rttMs, loss, dropped ?? 0], (second % ADVICE_SECONDS) * FIELDS);
  }

  /** Those of the five minutes up to `now` (epoch ms) that were measured. */
  seconds(now: number): readonly LinkSecond[] {
    const since = Math.floor(now / 1000) - ADVICE_SECONDS;
    return Array.from({ length: ADVICE_SECONDS }, (_, slot) => this.#read(slot)).filter(({ at }) => at / 1000 > since);
  }

  #read(slot: number): LinkSecond {
    const [second = 0, rttMs = 0, loss = 0, dropped = 0] = this.#slots.subarray(slot * FIELDS, (slot + 1) * FIELDS);
    return { at: second * 1000, rttMs, loss, dropped };
  }
}
