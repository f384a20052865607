/** The wall around one opening of a pipeline: whatever its code throws comes out in one place, and every open end is known. */
import type { BlackBox } from './black-box.ts';
import type { IncidentCode } from './contract/messages.ts';
import type { MediaBatch, Peer, Sink, Source, SourceEvents } from './media.ts';
import type { Protocols } from './protocols.ts';

interface End {
  close(): void;
}

export interface GuardOptions {
  readonly box: BlackBox;
  readonly slot: number;
  /** Told once: after it nothing of this opening is heard or run. */
  readonly fell: (error: unknown) => void;
}

export class Guard {
  readonly #options: GuardOptions;
  readonly #ends = new Set<End>();
  #isDown = false;
  #hasFallen = false;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** Runs the pipeline's work; undefined once it has fallen. */
  run<T>(work: () => T): T | undefined {
    if (this.#isDown) return undefined;
    const { box, slot } = this.#options;
    const before = box.enter(slot);
    try {
      return work();
    } catch (error) {
      this.#fall(error);
      return undefined;
    } finally {
      box.leave(before);
    }
  }

  /** The same protocols; what their ends call back with is the pipeline's work. */
  around(protocols: Protocols): Protocols {
    return {
      listen: (spec, maxBitrate, events) =>
        this.#keep((over): Source => protocols.listen(spec, maxBitrate, this.#sourceEvents(events, over))),
      dial: (spec, maxBitrate, events) =>
        this.#keep(
          (over): Sink =>
            protocols.dial(spec, maxBitrate, {
              connected: (peer) => this.run(() => events.connected(peer)),
              ended: (code) => {
                over();
                this.run(() => events.ended(code));
              },
            }),
        ),
    };
  }

  /** Closes what the pipeline has left open, even where its own closing throws. */
  close(): void {
    this.#isDown = true;
    for (const end of this.#ends) {
      try {
        end.close();
      } catch {
        // It was told that the pipeline fell; the other ends are to be closed all the same.
      }
    }
    this.#ends.clear();
  }

  #sourceEvents(events: SourceEvents, over: () => void): SourceEvents {
    return {
      connected: (peer) => this.run(() => events.connected(peer)),
      data: (batch) => this.#data(events, batch),
      disconnected: (code) => this.run(() => events.disconnected(code)),
      refused: (code, peer) => this.#refused(events, code, peer),
      ended: (code) => {
        over();
        this.run(() => events.ended(code));
      },
    };
  }

  /** A pipeline that was closed in order is still called upon by encoders that do not know it, and that is told. */
  #refused(events: SourceEvents, code: IncidentCode, peer: Peer): void {
    if (this.#isDown && !this.#hasFallen && code === 'flow-stopped') events.refused(code, peer);
    else this.run(() => events.refused(code, peer));
  }

  /** As `run`, without a closure for each batch. */
  #data(events: SourceEvents, batch: MediaBatch): void {
    if (this.#isDown) return;
    const { box, slot } = this.#options;
    const before = box.enter(slot);
    try {
      events.data(batch);
    } catch (error) {
      this.#fall(error);
    } finally {
      box.leave(before);
    }
  }

  #fall(error: unknown): void {
    this.#isDown = true;
    this.#hasFallen = true;
    this.#options.fell(error);
  }

  #keep<T extends End>(open: (over: () => void) => T): T {
    const here: { end?: T; isOver: boolean } = { isOver: false };
    here.end = open(() => {
      here.isOver = true;
      if (here.end) this.#ends.delete(here.end);
    });
    if (!here.isOver) this.#ends.add(here.end);
    return here.end;
  }
}
