/** Channels by the number that they have in health.db. */
import type { InStatement, Row, Value } from '@libsql/client';
import type { Pipeline } from '../relay/contract/settings.ts';
import { keyOf } from './history-batch.ts';
import { numberOf, textOf } from './history-file.ts';
import type { HealthChannel } from './history-model.ts';

/** More are not taken: somebody makes up names. 10,000 flows have 60,000. */
const MOST_CHANNELS = 200_000;

interface Known {
  readonly channel: HealthChannel;
  readonly id: number;
}

/** `track` is null where the channel is a whole endpoint; `last` is the newest block that was sealed, or where it began. */
export const channelTable = `CREATE TABLE IF NOT EXISTS channels (
  id INTEGER PRIMARY KEY, flow TEXT NOT NULL, pipeline TEXT NOT NULL, endpoint TEXT NOT NULL, track TEXT, last INTEGER NOT NULL)`;
export const channelIndex = 'CREATE INDEX IF NOT EXISTS channels_flow ON channels (flow, pipeline)';

export class ChannelBook {
  readonly #byKey = new Map<string, Known>();
  readonly #byId = new Map<number, HealthChannel>();
  #unsaved: Known[] = [];
  #next = 1;

  /** Forgets what it knew. `rows` are all of the table. */
  load(rows: readonly Row[]): void {
    this.#byKey.clear();
    this.#byId.clear();
    this.#unsaved = [];
    for (const row of rows) this.#add({ channel: toChannel(row), id: numberOf(row.id) });
  }

  /** A number, a new one where the channel is new; undefined where there are too many. */
  idOf(channel: HealthChannel): number | undefined {
    const known = this.find(channel);
    if (known !== undefined || this.#byKey.size >= MOST_CHANNELS) return known;
    const made = { channel, id: this.#next };
    this.#add(made);
    this.#unsaved.push(made);
    return made.id;
  }

  find(channel: HealthChannel): number | undefined {
    return this.#byKey.get(keyOf(channel))?.id;
  }

  channelOf(id: number): HealthChannel | undefined {
    return this.#byId.get(id);
  }

  /** To be run in the transaction that first uses the new numbers; then `saved`. */
  inserts(block: number): readonly InStatement[] {
    return this.#unsaved.map(({ channel: { flowId, pipeline, endpointId, track }, id }) => ({
      sql: 'INSERT OR IGNORE INTO channels VALUES (?, ?, ?, ?, ?, ?)',
      args: [id, flowId, pipeline, endpointId, track ?? null, block],
    }));
  }

  saved(): void {
    this.#unsaved = [];
  }

  /** The file is a new one: all must be inserted again. */
  unsave(): void {
    this.#unsaved = [...this.#byKey.values()];
  }

  forget(ids: readonly number[]): void {
    for (const id of ids) {
      const channel = this.#byId.get(id);
      if (channel) this.#byKey.delete(keyOf(channel));
      this.#byId.delete(id);
    }
  }

  #add(known: Known): void {
    this.#byKey.set(keyOf(known.channel), known);
    this.#byId.set(known.id, known.channel);
    this.#next = Math.max(this.#next, known.id + 1);
  }
}

export function toChannel({ flow, pipeline, endpoint, track }: Row): HealthChannel {
  const channel = { flowId: textOf(flow), pipeline: toPipeline(pipeline), endpointId: textOf(endpoint) };
  return track === null ? channel : { ...channel, track: textOf(track) };
}

export const toPipeline = (value: Value | undefined): Pipeline => (value === 'backup' ? 'backup' : 'primary');
