/** The operator's log as the vendor pages it. */
import type { LogEvent, LogType } from '../../../db/history-model.ts';
import type { Flow } from '../../../db/model.ts';
import { type Pipeline, pipelines } from '../../../relay/contract/settings.ts';
import type { VendorDeps } from './deps.ts';
import type { LogsAsked } from './fields.ts';
import { rangeOf } from './statistics.ts';

const PAGE_SIZE = 100;

/** So many events are read at a time: pages of the vendor may be longer. */
const READ = 500;

const digitOf = { primary: '0', backup: '1' } as const satisfies Record<Pipeline, string>;

/** Events of the flow as a whole have no pipeline, and the vendor's form has no place for them: they are left out. */
export async function flowLogs(flow: Flow, asked: LogsAsked, { log, now, sentenceOf }: VendorDeps) {
  const { PageNum: page = 1, PageSize: size = PAGE_SIZE, SortType: sort = 'desc' } = asked;
  const types = asked.Type.flatMap((side) => asked.Pipeline.map((pipeline): LogType => `${side}-${pipeline}`));
  const order = sort === 'asc' ? ('oldest-first' as const) : ('newest-first' as const);
  const question = { flowId: flow.id, ...rangeOf(asked, now()), types, order };
  const total = await log.count(question);
  const events: LogEvent[] = [];
  for (let offset = (page - 1) * size; offset < Math.min(page * size, total); offset += READ) {
    const limit = Math.min(READ, page * size - offset);
    events.push(...(await log.read({ ...question, offset, limit })).events);
  }
  return {
    Infos: events.map((event) => describe(flow, event, sentenceOf(event))),
    PageNum: page,
    PageSize: size,
    TotalNum: total,
    TotalPage: Math.ceil(total / size),
  };
}

/** FlowLogInfo. Its code and facts are ours: the vendor's table of codes was never published. */
function describe({ input, outputs }: Flow, event: LogEvent, sentence: string) {
  const isInput = event.role === 'input';
  const end = isInput ? input : outputs.find(({ id }) => id === event.endpointId);
  return {
    Timestamp: Math.floor(event.at / 1000),
    Type: event.role,
    InputOutputId: isInput ? input.id : event.endpointId,
    // An output that was deleted has taken its protocol along.
    Protocol: end?.protocol ?? '',
    EventCode: event.code,
    EventMessage: sentence,
    RemoteIp: event.peer?.address ?? '',
    RemotePort: event.peer ? String(event.peer.port) : '',
    Pipeline: digitOf[event.pipeline ?? pipelines[0]],
    InputOutputName: event.name,
  };
}
