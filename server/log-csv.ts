/** The log as a file: streamed, so that a day of a sick flow is never whole in memory. */
import { csvLine } from '../db/history-text.ts';
import { type LogDesk, type LogEvent, type LogQuestion, typeOf } from './log-desk.ts';

const columns = [
  'time',
  'type',
  'role',
  'pipeline',
  'endpoint',
  'name',
  'code',
  'message',
  'address',
  'port',
  'count',
  'facts',
] as const;

/** What is gathered before it is sent. */
const CHUNK_CHARACTERS = 65_536;

export interface LogCsv {
  readonly log: LogDesk;
  readonly question: LogQuestion;
  /** The words of an event. */
  readonly sentenceOf: (event: LogEvent) => string;
}

/** UTF-8, RFC 4180, a head and a line for each event. Rejects with a Refusal before anything is sent. */
export async function openLogCsv({ log, question, sentenceOf }: LogCsv): Promise<ReadableStream<Uint8Array>> {
  const events = log.each(question)[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  let next = await events.next();
  let text = csvLine(columns);
  return new ReadableStream({
    pull: async (controller) => {
      while (!next.done && text.length < CHUNK_CHARACTERS) {
        text += lineOf(next.value, sentenceOf);
        next = await events.next();
      }
      controller.enqueue(encoder.encode(text));
      text = '';
      if (next.done) controller.close();
    },
    cancel: async () => {
      await events.return?.();
    },
  });
}

/** `log-<flow>-<from>-<to>.csv`; the times are UTC, to the second. */
export function logFileName(flowName: string, { from, to }: { readonly from: number; readonly to: number }): string {
  const stamp = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  const name = flowName.replaceAll(/[^\p{L}\p{N}_]+/gu, '-').replaceAll(/^-+|-+$/g, '');
  return `${['log', name, stamp(from), stamp(to)].filter(Boolean).join('-')}.csv`;
}

function lineOf(event: LogEvent, sentenceOf: LogCsv['sentenceOf']): string {
  const { at, role, pipeline, endpointId, name, code, peer, count, facts } = event;
  const place = [typeOf(event), role, pipeline ?? '', endpointId, name];
  const peerCells = [peer?.address ?? '', peer?.port ?? ''];
  return csvLine([
    new Date(at).toISOString(),
    ...place,
    code,
    sentenceOf(event),
    ...peerCells,
    count,
    JSON.stringify(facts),
  ]);
}
