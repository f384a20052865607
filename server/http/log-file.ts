/** The answer that is a file of the log, for the console and the API. */
import type { Context } from 'hono';
import { type LogCsv, logFileName, openLogCsv } from '../log-csv.ts';

/** Rejects with a Refusal where the question is refused. */
export async function sendLogFile(c: Context, flowName: string, csv: LogCsv): Promise<Response> {
  const body = await openLogCsv(csv);
  const name = logFileName(flowName, csv.question);
  // RFC 6266: a plain name for all, and the flow's own letters for those who read them.
  const plain = name.replaceAll(/[^\w.-]+/g, '-');
  return c.body(body, 200, {
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name)}`,
    'Cache-Control': 'no-store',
  });
}
