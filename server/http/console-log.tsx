/** The Log tab: its page, the answers to its form, and its file. */
import type { Context, Hono } from 'hono';
import { LogAnswer, type LogAnswerView, type Following } from '../../web/views/log-answer.tsx';
import { LogTab, type LogView } from '../../web/views/log.tsx';
import { tabUrl } from '../../web/views/props.ts';
import { logSentence } from '../../web/views/words-events.ts';
import { inLanguage, language, t } from '../../web/views/language.ts';
import { type LogEvent, logTypes } from '../log-desk.ts';
import { type FieldFault, Refusal } from '../refusal.ts';
import { orProblem, orRefusal, statusOf } from './console-answers.tsx';
import type { Desk } from './console-desk.ts';
import { sayFault } from './console-refusals.ts';
import { toFlowPage } from './console-page.ts';
import { flowLivePath } from './live-paths.ts';
import { type LogAsk, logQueryOf, questionOf, readLogAsk } from './log-ask.ts';
import { sendLogFile } from './log-file.ts';
import { canFollow, readLog } from './log-read.ts';
import { type AskedRange, type Query, rangeValues, readRange } from './range-ask.ts';

/** The words of an event, for the ways in that may not know the views. */
export const sentenceOf = (event: LogEvent): string => logSentence(event);

export function mountLogTab(app: Hono, desk: Desk): void {
  const url = tabUrl(':id', 'log');
  app.get(url, (c) => showPage(c, desk));
  app.get(`${url}/events.csv`, (c) => orProblem(c, () => sendCsv(c, desk)));
}

async function showPage(c: Context, desk: Desk): Promise<Response> {
  const live = await desk.look(c);
  const query = c.req.queries();
  const ask = readLogAsk(query);
  const found = await orRefusal(() => look(desk, live.flow.id, ask, readRange(query, Date.now())));
  const refusal = found instanceof Refusal ? found : undefined;
  const answer = found instanceof Refusal ? { flowId: live.flow.id, refusal: wordsOf(found) } : found;
  return desk.answer(c, {
    title: t('{name}: log', { name: live.flow.name }),
    body: (
      <LogTab page={toFlowPage(live, desk, await desk.recent.of(live.flow.id))} view={toView(query, ask, answer)} />
    ),
    fragment: <LogAnswer view={answer} />,
    live: flowLivePath(live),
    script: 'log',
    status: refusal && statusOf(refusal),
  });
}

async function look({ log }: Desk, flowId: string, ask: LogAsk, range: AskedRange): Promise<LogAnswerView> {
  const list = await readLog(log, flowId, ask, range);
  const query = logQueryOf(ask, range.text);
  const following = followingOf(ask, range);
  return {
    flowId,
    shown: {
      list,
      following,
      query,
      isFirstPage: ask.cursor === undefined,
      ...(following === 'following' && { follow: query }),
    },
  };
}

function followingOf(ask: LogAsk, range: AskedRange): Following {
  if (canFollow(ask, range)) return 'following';
  if (ask.cursor !== undefined) return 'on-older-page';
  if (!range.isLive) return 'range-ended';
  return ask.order === 'oldest-first' ? 'oldest-first' : 'off';
}

/** Only the answer is swapped, so that the refusal stands there, and names its field. */
const wordsOf = ({ faults, message }: Refusal): string =>
  faults.length === 0 ? t(message) : faults.map((fault) => `${labelOf(fault)}${sayFault(fault).message}`).join(' ');

const labels: Readonly<Record<string, string>> = { from: 'From', to: 'To' };

function labelOf({ field }: FieldFault): string {
  const label = labels[field];
  return label === undefined ? '' : t('{field}: ', { field: t(label) });
}

const toView = (query: Query, ask: LogAsk, answer: LogAnswerView): LogView => ({
  form: { values: { text: ask.text, order: ask.order, ...rangeValues(query) }, errors: [] },
  zone: query['zone']?.[0] ?? '',
  types: logTypes.map((value) => ({ value, isTicked: ask.types.includes(value) })),
  follow: ask.follow,
  answer,
});

async function sendCsv(c: Context, desk: Desk): Promise<Response> {
  const { flow } = await desk.look(c);
  const query = c.req.queries();
  const question = questionOf(flow.id, readLogAsk(query), readRange(query, Date.now()));
  // It is read piece by piece, after the answer has begun: all of it is in the language of who asked.
  const spoken = language();
  return sendLogFile(c, flow.name, {
    log: desk.log,
    question,
    sentenceOf: (event) => inLanguage(spoken, () => sentenceOf(event)),
  });
}
