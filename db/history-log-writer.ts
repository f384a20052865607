/** The operator's log as it is written: each event once, whatever is delivered twice. */
import { forWriting, faultOf, HistoryFile, numberOf } from './history-file.ts';
import { HeldWrites } from './history-held.ts';
import type { HistoryFault } from './history-model.ts';

/** `id` is the order of arrival. `facts` is JSON. `pipeline` is empty where the event is the flow's. */
const tables = [
  `CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY, relay TEXT NOT NULL, boot TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,
    flow TEXT NOT NULL, pipeline TEXT NOT NULL, endpoint TEXT NOT NULL, role TEXT NOT NULL, name TEXT NOT NULL,
    code TEXT NOT NULL, address TEXT, port INTEGER, count INTEGER NOT NULL, facts TEXT NOT NULL,
    UNIQUE (relay, boot, seq))`,
  'CREATE INDEX IF NOT EXISTS events_flow ON events (flow, at)',
  'CREATE INDEX IF NOT EXISTS events_at ON events (at)',
];

/** One statement a batch: the events are taken out of their JSON by SQLite. */
const APPEND = `INSERT INTO events
  (relay, boot, seq, at, flow, pipeline, endpoint, role, name, code, address, port, count, facts)
  SELECT value ->> 'relay', value ->> 'boot', value ->> 'seq', value ->> 'at', value ->> 'flowId', coalesce(value ->> 'pipeline', ''),
    value ->> 'endpointId', value ->> 'role', value ->> 'name', value ->> 'code', value ->> '$.peer.address',
    value ->> '$.peer.port', value ->> 'count', value -> 'facts'
  FROM json_each(?) WHERE true
  ON CONFLICT (relay, boot, seq) DO NOTHING`;

/** However long they are kept, there are no more: about 2 GB. */
const MOST_EVENTS = 5_000_000;

interface LogWriterSettings {
  readonly path: string;
  readonly tell: (fault: HistoryFault) => void;
  readonly replaced: () => void;
}

/** One call at a time. */
export class LogWriter {
  /** Of JSON arrays of LogEvent. */
  readonly writes: HeldWrites<string, true>;
  readonly #settings: LogWriterSettings;
  readonly #file: HistoryFile;

  constructor(settings: LogWriterSettings) {
    this.#settings = settings;
    this.#file = new HistoryFile(settings.path, forWriting(tables));
    this.writes = new HeldWrites({
      file: 'log',
      sizeOf: (events) => events.length,
      commit: async (batches) => {
        await this.#file.run(batches.map((events) => ({ sql: APPEND, args: [events] })));
        return batches.map(() => true);
      },
      setAside: () => this.setAside(this.#file.inode),
      tell: settings.tell,
    });
  }

  async open(): Promise<void> {
    try {
      await this.#file.rows('SELECT 1 FROM events LIMIT 1');
    } catch (error) {
      if (faultOf(error) !== 'corrupt') throw error;
      await this.setAside(this.#file.inode);
    }
  }

  /** Deletes at most `most` events of before `before`, or beyond the number that is kept at most. Returns how many. */
  async pruneStep(before: number, most: number): Promise<number> {
    const old = await this.#file.rows('SELECT id FROM events WHERE at < ? LIMIT ?', [before, most]);
    const many = 'SELECT id FROM events WHERE id <= (SELECT max(id) FROM events) - ? LIMIT ?';
    const rows = old.length > 0 ? old : await this.#file.rows(many, [MOST_EVENTS, most]);
    const ids = JSON.stringify(rows.map(({ id }) => numberOf(id)));
    await this.#file.run([{ sql: 'DELETE FROM events WHERE id IN (SELECT value FROM json_each(?))', args: [ids] }]);
    return rows.length;
  }

  /** Begins a new file, where ours is still the one with that inode. */
  async setAside(inode: number): Promise<void> {
    if (inode !== this.#file.inode) return;
    const detail = this.#file.setAside(new Date());
    this.#settings.tell({ code: 'corrupt', file: 'log', detail });
    await this.#file.rows('SELECT 1');
    this.#settings.replaced();
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
