/** A viewer of one input: what arrives is handed on as TS, as fast as the viewer takes it. Where nobody looks it is not there. */
import type { FlvTag } from './formats/flv-tag.ts';
import type { Container, MediaBatch } from './media.ts';
import { passPackets, type Stage, tagsToPackets } from './stages.ts';

/** What may wait for a slow viewer. Beyond it media is let go, until half of it has gone out: one gap rather than many. */
const MOST_WAITING_BYTES = 4_000_000;

/** Where a viewer's bytes leave. */
export interface Viewer {
  /** The bytes are on loan: what is kept is copied. */
  send(bytes: Uint8Array): void;
  /** Bytes that were sent and have not gone out. */
  waiting(): number;
  close(): void;
}

export class Preview {
  readonly #viewer: Viewer;
  readonly #stage: Stage;
  #isBehind = false;

  /** `headers` are the codec configurations of an FLV source, which came before anybody looked. */
  constructor(from: Container, headers: readonly FlvTag[], viewer: Viewer) {
    this.#viewer = viewer;
    const out = { batch: (batch: MediaBatch) => this.#send(batch), notice: () => {} };
    this.#stage = from === 'ts' ? passPackets(out) : tagsToPackets(out);
    if (from === 'flv' && headers.length > 0) this.#stage.push({ container: 'flv', tags: headers, at: 0 });
  }

  /** Each batch of the source, on loan. */
  take(batch: MediaBatch): void {
    this.#stage.push(batch);
  }

  /** Another session of the source follows. */
  restart(): void {
    this.#stage.restart();
  }

  close(): void {
    this.#viewer.close();
  }

  #send(batch: MediaBatch): void {
    if (batch.container !== 'ts') return;
    const waiting = this.#viewer.waiting();
    if (this.#isBehind && waiting > MOST_WAITING_BYTES / 2) return;
    this.#isBehind = waiting > MOST_WAITING_BYTES;
    if (!this.#isBehind) this.#viewer.send(batch.data);
  }
}
