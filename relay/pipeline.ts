/** One pipeline of one flow: what arrives is capped, goes its road, and is handed to each sink. */
import { BandwidthCap } from './bandwidth.ts';
import type { Facts, PipelinePlan, RelayEventCode, SinkSpec, SourceId, SourceSpec } from './contract/messages.ts';
import { otherThan } from './failover.ts';
import { FormatWatch } from './format-watch.ts';
import type { Reading } from './gauge.ts';
import type { EndStatus } from './ledger.ts';
import type { FlvTag } from './formats/flv-tag.ts';
import { Preview, type Viewer } from './preview.ts';
import { type Container, type MediaBatch, unitsOf } from './media.ts';
import { containerOf, type Protocols, targetOf } from './protocols.ts';
import { openFailoverRoad, openRoad, type Road, type RoadOptions } from './road.ts';
import { SinkKeeper } from './sink-keeper.ts';
import { type KeeperTools, SourceKeeper } from './source-keeper.ts';
import { StreamWitness } from './stream-witness.ts';
import { Tally } from './tally.ts';

interface Outlet {
  readonly id: string;
  readonly container: Container;
  readonly keeper: SinkKeeper;
}

export class Pipeline {
  readonly #plan: PipelinePlan;
  readonly #protocols: Protocols;
  readonly #tools: KeeperTools;
  readonly #cap: BandwidthCap | undefined;
  readonly #road: Road;
  readonly #own: SourceKeeper;
  readonly #cross: SourceKeeper | undefined;
  readonly #outlets: readonly Outlet[];
  /** Let go by the cap, and what came to the port but was no media, since they were last told. */
  readonly #capped = new Tally();
  readonly #malformed = new Tally();
  readonly #previews = new Set<Preview>();
  /** The newest codec configurations of an FLV source, by kind: a preview begins with them. */
  readonly #headers = new Map<FlvTag['kind'], FlvTag>();
  readonly #witness = new StreamWitness();
  readonly #format = new FormatWatch();
  #allowlist: readonly string[];
  #isOver = false;
  #letGo = 0;

  /** Opens at once: listens, dials, and keeps on trying until `close`. */
  constructor(plan: PipelinePlan, protocols: Protocols, tools: KeeperTools) {
    this.#plan = plan;
    this.#protocols = protocols;
    this.#tools = tools;
    this.#allowlist = plan.source.allowlist;
    // A hop carries what was capped where it entered; capping it again would cut the same burst twice.
    this.#cap = plan.sourceId === 'input' ? new BandwidthCap(plan.maxBitrate) : undefined;
    this.#road = this.#openRoad();
    this.#outlets = plan.sinks.map((spec) => this.#openOutlet(spec));
    this.#own = this.#openSource(plan.sourceId, () => ({ ...plan.source, allowlist: [...this.#allowlist] }));
    const cross = plan.failover?.cross;
    this.#cross = cross && this.#openSource('cross', () => cross);
  }

  /** Takes what may change without a stop: who may call, and which input is preferred. */
  adopt({ source, failover }: PipelinePlan): void {
    this.#allowlist = source.allowlist;
    this.#own.allow(source.allowlist);
    if (failover) this.#road.wish(failover);
  }

  /** Feeds `viewer` with the input as it arrives, before the cap and the switch. Returns the way to stop. */
  watch(viewer: Viewer): () => void {
    const preview = new Preview(containerOf[this.#plan.source.protocol], [...this.#headers.values()], viewer);
    this.#previews.add(preview);
    return () => this.#previews.delete(preview);
  }

  tick(now: number): void {
    this.#own.tick(now);
    this.#cross?.tick(now);
    this.#road.flush(now);
    for (const { keeper } of this.#outlets) keeper.tick(now);
  }

  sample(now: number, edge = now): void {
    this.#own.sample(now, edge);
    this.#cross?.sample(now, edge);
    this.#road.sample(now);
    for (const { keeper } of this.#outlets) keeper.sample(now, edge);
    const dropped = this.#capped.add(this.#letGo, now);
    this.#letGo = 0;
    if (dropped !== undefined)
      this.#tell('capped', { dropped, limit: this.#plan.maxBitrate, overMs: this.#capped.overMs });
  }

  status(): EndStatus[] {
    const { live } = this.#road;
    const isLive = (pipeline: PipelinePlan['pipeline']): boolean | undefined => live && live === pipeline;
    const { pipeline } = this.#plan;
    const cross = this.#cross ? [this.#cross.status(isLive(otherThan(pipeline)))] : [];
    return [this.#own.status(isLive(pipeline)), ...cross, ...this.#outlets.map(({ keeper }) => keeper.status())];
  }

  /** What each connected end measured in the last second. */
  readings(): (Reading & { readonly id: string })[] {
    const own = { id: this.#plan.sourceId, reading: this.#own.reading };
    const sinks = this.#outlets.map(({ id, keeper }) => ({ id, reading: keeper.reading }));
    return [own, ...sinks].flatMap(({ id, reading }) => (reading ? [{ id, ...reading }] : []));
  }

  close(): void {
    this.#own.close();
    this.#cross?.close();
    for (const { keeper } of this.#outlets) keeper.close();
    for (const preview of this.#previews) preview.close();
  }

  #openRoad(): Road {
    const { pipeline, source, sinks, failover } = this.#plan;
    const taken = sinks.filter(({ id }) => id !== 'cross').map(({ protocol }) => containerOf[protocol]);
    const options: RoadOptions = {
      from: containerOf[source.protocol],
      to: new Set(taken),
      deliver: (batch) => this.#deliver(batch),
      deliverCross: (batch) => this.#outlets.find(({ id }) => id === 'cross')?.keeper.send(batch),
      event: (code, facts) => this.#tell(code, facts),
      witness: this.#witness,
    };
    return failover ? openFailoverRoad(pipeline, failover, options) : openRoad(options);
  }

  #openOutlet(spec: SinkSpec): Outlet {
    const container = containerOf[spec.protocol];
    const slow = new Tally();
    const keeper = new SinkKeeper(
      {
        id: spec.id,
        protocol: spec.protocol,
        target: targetOf(spec),
        open: (events) => this.#protocols.dial(spec, this.#plan.maxBitrate, events),
        hasInput: (now) => this.#own.isAlive(now) || this.#cross?.isAlive(now) === true,
        dropped: (count) => {
          const dropped = slow.add(count, this.#tools.now());
          if (dropped === undefined) return;
          const facts = { dropped, overMs: slow.overMs };
          this.#tools.tell({ endpoint: spec.id, role: 'sink', code: 'dropped-to-slow-peer', facts });
        },
        headers: () => (container === 'flv' ? this.#road.headers() : []),
      },
      this.#tools,
    );
    return { id: spec.id, container, keeper };
  }

  #openSource(id: SourceId, spec: () => SourceSpec): SourceKeeper {
    return new SourceKeeper(
      {
        id,
        protocol: spec().protocol,
        open: (events) => this.#protocols.listen(spec(), this.#plan.maxBitrate, events),
        began: () => this.#began(id),
        data: (batch) => this.#pass(id, batch),
        isOver: (bitrate) => id !== 'cross' && this.#watchBandwidth(bitrate),
        malformed: (count) => {
          const told = this.#malformed.add(count, this.#tools.now());
          const { overMs } = this.#malformed;
          if (told !== undefined) this.#tell('bad-media', { damaged: told, fault: 'datagram', overMs });
        },
        measured: (reading, lost) => id !== 'cross' && this.#measured(reading, lost),
      },
      this.#tools,
    );
  }

  /** Another session begins: nothing of it continues what came before. */
  #began(id: SourceId): void {
    this.#road.restart(id);
    if (id !== 'cross') for (const preview of this.#previews) preview.restart();
  }

  /** Between relays the media is what it was where it came in, and is judged there. */
  #measured({ values, tracks }: Reading, lost: number): void {
    if (this.#plan.sourceId !== 'input') return;
    this.#witness.note(values, lost);
    const news = this.#format.read(tracks);
    if (news) this.#tell(news.code, news.facts);
  }

  #tell(code: RelayEventCode, facts: Facts): void {
    this.#tools.tell({ endpoint: this.#plan.sourceId, role: 'source', code, facts });
  }

  /** The one way in of every byte. Returns how many messages or tags the cap let go. */
  #pass(from: SourceId, batch: MediaBatch): number {
    if (from !== 'cross') this.#show(batch);
    const admitted = from !== 'cross' && this.#cap ? this.#cap.admit(batch) : batch;
    if (admitted) this.#road.push(from, admitted);
    const letGo = unitsOf(batch) - (admitted ? unitsOf(admitted) : 0);
    this.#letGo += letGo;
    return letGo;
  }

  #show(batch: MediaBatch): void {
    if (batch.container === 'flv')
      for (const tag of batch.tags) if (tag.sequenceHeader) this.#headers.set(tag.kind, tag);
    if (this.#previews.size > 0) for (const preview of this.#previews) preview.take(batch);
  }

  /** The one way out. */
  #deliver(batch: MediaBatch): void {
    for (const { id, container, keeper } of this.#outlets)
      if (container === batch.container && id !== 'cross') keeper.send(batch);
  }

  #watchBandwidth(bitrate: number): boolean {
    const isOver = this.#cap?.isOver(bitrate) ?? false;
    if (isOver !== this.#isOver)
      this.#tell(isOver ? 'over-bandwidth' : 'bandwidth-ok', { bitrate, limit: this.#plan.maxBitrate });
    this.#isOver = isOver;
    return isOver;
  }
}
