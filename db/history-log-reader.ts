/** The operator's log as it is read: a range, filtered, in pages that stay where they are while events come in. */
import type { Row } from '@libsql/client';
import { toPipeline } from './history-channels.ts';
import { forReading, HistoryFile, numberOf, textOf } from './history-file.ts';
import { LONGEST_PAGE, type LogEvent, type LogPage, type LogQuery, type Role } from './history-model.ts';

const PAGE = 100;

/** All or none of what is asked for; a parameter that is null asks for nothing. */
const WHERE = `at >= :from AND at < :to AND (:types IS NULL OR rtrim(role || '-' || pipeline, '-') IN (SELECT value FROM json_each(:types)))
  AND (:text IS NULL OR code || char(10) || name || char(10) || coalesce(address || ':' || port, '') || char(10) || facts
    LIKE :text ESCAPE '\\')`;

/** One call at a time. Rejects with libSQL's error where the file is at fault. */
export class LogReader {
  readonly file: HistoryFile;

  constructor(path: string) {
    this.file = new HistoryFile(path, forReading);
  }

  /** Events of one moment come in the order of their arrival. Rejects with a RangeError where the cursor is none. */
  async page(query: LogQuery): Promise<LogPage> {
    const limit = Math.max(1, Math.min(query.limit ?? PAGE, LONGEST_PAGE));
    const place = { limit: limit + 1, offset: query.offset ?? 0 };
    const rows = await this.file.rows(sqlOf(query), { ...argumentsOf(query), ...place, ...placeOf(query.cursor) });
    const events = rows.slice(0, limit);
    const last = rows.length > limit ? events.at(-1) : undefined;
    return { events: events.map(toEvent), ...(last && { next: `${numberOf(last.at)}.${numberOf(last.id)}` }) };
  }

  async count(query: LogQuery): Promise<number> {
    const sql = `SELECT count(*) AS count FROM events WHERE ${whereOf(query)}`;
    const [row] = await this.file.rows(sql, argumentsOf(query));
    return numberOf(row?.count);
  }
}

/** Newest first, or oldest first; the page begins beyond the cursor's (at, id). */
function sqlOf(query: LogQuery): string {
  const [direction, beyond] = query.order === 'oldest-first' ? ['ASC', '>'] : ['DESC', '<'];
  const place = query.cursor === undefined ? '' : ` AND (at, id) ${beyond} (:at, :id)`;
  return `SELECT * FROM events WHERE ${whereOf(query)}${place} ORDER BY at ${direction}, id ${direction}
    LIMIT :limit OFFSET :offset`;
}

const whereOf = ({ flowId }: LogQuery): string => `${flowId === undefined ? '' : 'flow = :flow AND '}${WHERE}`;

function argumentsOf({ flowId, from, to, types, text }: LogQuery): Record<string, string | number | null> {
  return {
    from,
    to,
    types: types ? JSON.stringify(types) : null,
    text: text ? `%${text.replace(/[\\%_]/g, '\\$&')}%` : null,
    ...(flowId !== undefined && { flow: flowId }),
  };
}

/** A cursor is (at, id) of the last event of the page before. */
function placeOf(cursor: string | undefined): { readonly at: number; readonly id: number } | undefined {
  if (cursor === undefined) return undefined;
  const [, at, id] = /^(\d{1,16})\.(\d{1,16})$/.exec(cursor) ?? [];
  if (at === undefined || id === undefined) throw new RangeError('This is no cursor of the log.');
  return { at: Number(at), id: Number(id) };
}

function toEvent(row: Row): LogEvent {
  const { address, port } = row;
  return {
    relay: textOf(row.relay),
    boot: textOf(row.boot),
    seq: numberOf(row.seq),
    at: numberOf(row.at),
    flowId: textOf(row.flow),
    ...(row.pipeline !== '' && { pipeline: toPipeline(row.pipeline) }),
    endpointId: textOf(row.endpoint),
    role: toRole(row.role),
    name: textOf(row.name),
    code: textOf(row.code),
    ...(address !== null && { peer: { address: textOf(address), port: numberOf(port) } }),
    count: numberOf(row.count),
    facts: toFacts(textOf(row.facts)),
  };
}

const toRole = (value: unknown): Role => (value === 'output' || value === 'flow' ? value : 'input');

function toFacts(text: string): LogEvent['facts'] {
  const facts: unknown = JSON.parse(text);
  return typeof facts === 'object' && facts !== null ? { ...facts } : {};
}
