/** One source to many sinks of one flow: every batch that arrives is capped and handed to each sink. */
import { BandwidthCap } from './bandwidth.ts';
import type { PipelinePlan } from './contract/messages.ts';
import type { EndStatus } from './ledger.ts';
import type { PacketBatch } from './media.ts';
import type { Protocols } from './protocols.ts';
import { SinkKeeper } from './sink-keeper.ts';
import { type KeeperTools, SourceKeeper } from './source-keeper.ts';

export class Pipeline {
  readonly #cap: BandwidthCap | undefined;
  readonly #source: SourceKeeper;
  readonly #sinks: readonly SinkKeeper[];
  #allowlist: readonly string[];

  /** Opens at once: listens, dials, and keeps on trying until `close`. */
  constructor(plan: PipelinePlan, protocols: Protocols, tools: KeeperTools) {
    // A hop carries what was capped where it entered; capping it again would cut the same burst twice.
    this.#allowlist = plan.source.allowlist;
    this.#cap = plan.sourceId === 'input' ? new BandwidthCap(plan.maxBitrate) : undefined;
    this.#sinks = plan.sinks.map(
      (spec) =>
        new SinkKeeper(
          {
            id: spec.id,
            open: (events) => protocols[spec.protocol].dial(spec, plan.maxBitrate, events),
            hasInput: (now) => this.#source.isAlive(now),
          },
          tools,
        ),
    );
    this.#source = new SourceKeeper(
      {
        id: plan.sourceId,
        open: (events) => {
          const spec = { ...plan.source, allowlist: [...this.#allowlist] };
          return protocols[spec.protocol].listen(spec, plan.maxBitrate, events);
        },
        data: (batch) => this.#pass(batch),
        isOver: (bitrate) => this.#cap?.isOver(bitrate) ?? false,
      },
      tools,
    );
  }

  /** Acts at once: a caller that is no longer allowed is let go. */
  allow(allowlist: readonly string[]): void {
    this.#allowlist = allowlist;
    this.#source.allow(allowlist);
  }

  tick(now: number): void {
    this.#source.tick(now);
    for (const sink of this.#sinks) sink.tick(now);
  }

  sample(now: number): void {
    this.#source.sample(now);
    for (const sink of this.#sinks) sink.sample(now);
  }

  status(): EndStatus[] {
    return [this.#source.status(), ...this.#sinks.map((sink) => sink.status())];
  }

  close(): void {
    this.#source.close();
    for (const sink of this.#sinks) sink.close();
  }

  /** The one road of every byte. Returns how many messages the cap let go. */
  #pass(batch: PacketBatch): number {
    const admitted = this.#cap ? this.#cap.admit(batch) : batch;
    if (!admitted) return batch.lengths.length;
    for (const sink of this.#sinks) sink.send(admitted);
    return batch.lengths.length - admitted.lengths.length;
  }
}
