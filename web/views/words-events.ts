/** One plain sentence for each line of the log, with the facts that it needs. The catalogue for people: docs/events.md. */
import type { LogEvent, ServerEventCode } from '../../db/model.ts';
import type { RelayEventCode } from '../../relay/contract/messages.ts';
import { t } from './language.ts';
import { actorText, count, numberIn, overText, textIn } from './words-facts.ts';
import { connectedText, disconnectedText, refusedText, retryText, stalledText } from './words-peers.ts';
import { bandwidthText, countText, durationText, shareText } from './units.ts';

export type EventCode = RelayEventCode | ServerEventCode;

type Say = (event: LogEvent) => string;

const media = {
  'data-lost': (event) =>
    t('{what} lost on the way{over}.', {
      what: count(event, 'lost', t('packet'), t('packets')),
      over: overText(event),
    }),
  'format-found': (event) => t('Media found: {format}.', { format: textIn(event, 'format') ?? t('of unknown format') }),
  'format-changed': (event) => {
    const before = textIn(event, 'before');
    return t('Media changed to {format}{before}.', {
      format: textIn(event, 'format') ?? t('an unknown format'),
      before: before ? t(', before: {before}', { before }) : '',
    });
  },
  'track-dropped': droppedTrackText,
  'program-chosen': (event) =>
    t('Program {program} goes to RTMP; the others ({others}) are left out.', {
      program: numberIn(event, 'program') ?? '?',
      others: textIn(event, 'others') ?? '?',
    }),
  'no-keyframe': () => t('Video is announced but brings no key frame: sound went ahead alone.'),
  'over-bandwidth': (event) => t('Above the maximum bandwidth{share}.', { share: shareOf(event) }),
  'bandwidth-ok': () => t('Within the maximum bandwidth again.'),
  capped: (event) => {
    const limit = numberIn(event, 'limit');
    const of = limit === undefined ? '' : t(' of {limit}', { limit: bandwidthText(limit) });
    return t('{what} dropped above the maximum bandwidth{of}{over}.', {
      what: dropped(event),
      of,
      over: overText(event),
    });
  },
  failover: failoverText,
  'timestamps-jumped': (event) => {
    const jumps = numberIn(event, 'jumps');
    const times = jumps === undefined || jumps === 1 ? '' : t(' {count} times', { count: countText(jumps) });
    const how =
      textIn(event, 'passed') === 'ts'
        ? t('MPEG-TS outputs get them as they came')
        : t('the outputs go on without a jump');
    return t('The timestamps of the encoder jumped{times}{over}; {how}.', { times, over: overText(event), how });
  },
  'dropped-to-slow-peer': (event) =>
    t('{what} dropped{over}: the destination is too slow for the stream.', {
      what: dropped(event),
      over: overText(event),
    }),
  'bad-media': (event) => {
    const fault = textIn(event, 'fault');
    const of = fault === undefined ? '' : ` (${t(faultNames[fault] ?? fault)})`;
    return t('{what} of media{of}{over}. The rest went on.', {
      what: count(event, 'damaged', t('damaged piece'), t('damaged pieces')),
      of,
      over: overText(event),
    });
  },
  'pipeline-failed': (event) => {
    const fault = textIn(event, 'fault');
    return fault === 'crash'
      ? t('The relay crashed or hung in this pipeline’s work, a fault of StreamLink’s own. It was opened again.')
      : t(
          'A fault of StreamLink’s own{fault} ended this pipeline. It is opened again after 1 s; relay.log has the details.',
          {
            fault: fault === undefined ? '' : ` (${fault})`,
          },
        );
  },
  'pipeline-quarantined': (event) =>
    t(
      'Failed {count} times within a minute: this pipeline stays closed, so that others of its relay run on. Stop and start the flow to try again.',
      { count: countText(numberIn(event, 'falls') ?? 3) },
    ),
} satisfies Partial<Record<EventCode, Say>>;

const relays = {
  'relay-lost': (event) =>
    t('{relay} does not answer: the state of {pipeline} is unknown; media may still flow.', relayFacts(event)),
  'relay-hung': (event) =>
    t('{relay} has said nothing{for}: it is ended and started anew, which interrupts {pipeline}.', {
      ...relayFacts(event),
      for: forText(event, 'silentMs'),
    }),
  'relay-died': (event) => {
    const facts = { ...relayFacts(event), ended: endingOf(event), again: restartText(event) };
    return textIn(event, 'cause') === 'held'
      ? t('{relay} {ended}; media may still flow.', facts)
      : t('{relay} {ended}; {pipeline} is interrupted until it is started anew{again}.', facts);
  },
  'relay-keeps-ending': (event) =>
    t(
      '{relay} {ended}, {count} times within a minute. It is started again and again, with pauses of up to 10 s; {pipeline} is interrupted each time. See crash.log and relay.log.',
      { ...relayFacts(event), ended: endingOf(event), count: countText(numberIn(event, 'deaths') ?? 3) },
    ),
  'relay-back': (event) =>
    t('{relay} is back{after} and carries {pipeline}.', { ...relayFacts(event), after: afterText(event) }),
} satisfies Partial<Record<EventCode, Say>>;

const doings = {
  'flow-created': (event) => t('Flow created {by}.', { by: actorText(event) }),
  'flow-duplicated': (event) =>
    t('Flow made as a duplicate of {from} {by}.', {
      from: textIn(event, 'from') ?? t('another'),
      by: actorText(event),
    }),
  'flow-imported': (event) => t('Flow imported from a file {by}.', { by: actorText(event) }),
  'flow-renamed': (event) =>
    t('Flow renamed {by}; before: {before}.', {
      by: actorText(event),
      before: textIn(event, 'from') ?? t('unknown'),
    }),
  'flow-started': (event) => t('Flow started {by}.', { by: actorText(event) }),
  'flow-stopped': (event) => t('Flow stopped {by}.', { by: actorText(event) }),
  'flow-deleted': (event) => t('Flow deleted {by}.', { by: actorText(event) }),
  'input-edited': (event) => t('Input {name} edited {by}{fields}.', doingFacts(event, 'input')),
  'input-switched': (event) =>
    t('Switch to the {to} input ordered {by}.', { to: inputWord(event), by: actorText(event) }),
  'output-created': (event) => t('Output {name} created {by}.', doingFacts(event, 'output')),
  'output-edited': (event) => t('Output {name} edited {by}{fields}.', doingFacts(event, 'output')),
  'output-deleted': (event) => t('Output {name} deleted {by}.', doingFacts(event, 'output')),
} satisfies Partial<Record<EventCode, Say>>;

/** A code without a sentence does not compile. */
export const events: Readonly<Record<EventCode, Say>> = {
  connected: connectedText,
  disconnected: disconnectedText,
  refused: refusedText,
  retry: retryText,
  stalled: stalledText,
  'flowing-again': (event) => t('Media moves again{after}.', { after: afterText(event) }),
  ...media,
  'more-events': (event) =>
    t('{count} more of “{of}” came{over} and are not listed one by one.', {
      count: countText(event.count),
      of: (textIn(event, 'of') ?? 'events').replaceAll('-', ' '),
      over: overText(event) || t(' at once'),
    }),
  'events-lost': (event) =>
    t('{what} up to here could not be kept: the relay did not reach its server for too long.', {
      what: t('{count} {things}', {
        count: countText(event.count),
        things: event.count === 1 ? t('event') : t('events'),
      }),
    }),
  ...relays,
  ...doings,
};

/** These count by themselves: how often the line stands for it need not be said again. */
const countsItself: ReadonlySet<string> = new Set(['more-events', 'events-lost', 'retry']);

/** The sentence of a line, and how often it happened. A code of another version has none of its own. */
export function logSentence(event: LogEvent): string {
  if (!isCode(event.code)) return t('Something that this version has no words for ({code}).', { code: event.code });
  const said = events[event.code](event);
  if (event.count === 1 || countsItself.has(event.code)) return said;
  return t('{said} ({count} times{over})', { said, count: countText(event.count), over: overText(event) });
}

/** After these something was lost, or is in danger. */
const grave: ReadonlySet<string> = new Set<EventCode>([
  'retry',
  'stalled',
  'data-lost',
  'over-bandwidth',
  'capped',
  'dropped-to-slow-peer',
  'no-keyframe',
  'bad-media',
  'events-lost',
  'relay-lost',
  'relay-hung',
  'relay-died',
  'relay-keeps-ending',
  'pipeline-failed',
  'pipeline-quarantined',
]);

/** A connection that we or the other end closed in order is no alarm, and neither is a stranger at the door. */
export function isGrave(event: LogEvent): boolean {
  const cause = textIn(event, 'cause');
  if (event.code === 'failover') return cause === 'input-lost';
  if (event.code === 'refused') return cause !== 'address-not-allowed';
  if (event.code === 'disconnected') return cause !== 'closed-here' && cause !== 'gave-way';
  return grave.has(event.code);
}

const isCode = (code: string): code is EventCode => Object.hasOwn(events, code);

/** What a probe or a remuxer counts, in the words of docs/health.md; what is not here is called by its code. */
const faultNames: Readonly<Record<string, string>> = {
  continuity: 'continuity errors',
  'sync-loss': 'sync lost',
  'sync-byte': 'sync bytes missing',
  'transport-error': 'transport errors',
  'section-crc': 'tables with a wrong CRC',
  datagram: 'datagrams that are no media',
};

const dropped = (event: LogEvent): string => count(event, 'dropped', t('packet or frame'), t('packets or frames'));

function shareOf(event: LogEvent): string {
  const [bitrate, limit] = [numberIn(event, 'bitrate'), numberIn(event, 'limit')];
  return bitrate === undefined || limit === undefined ? '' : t(': {share}', { share: shareText(bitrate, limit) });
}

/** Each relay switches the outputs of its own pipeline, so that a switch is one line for each of them. */
function failoverText(event: LogEvent): string {
  const from = textIn(event, 'to') === 'backup' ? t('primary') : t('backup');
  const now = t('The outputs of the {pipeline} pipeline now get the {to} input', {
    pipeline: t(event.pipeline ?? 'same'),
    to: inputWord(event),
  });
  const gap = numberIn(event, 'gapMs') ? forText(event, 'gapMs') : '';
  const cause = textIn(event, 'cause');
  if (cause === 'input-lost') return t('{now}: no media from {from}{for}.', { now, from, for: gap });
  if (cause === 'preferred-back') return t('{now} again: its media has been well for 5 s.', { now });
  return cause === 'by-operator' ? t('{now}, as an operator ordered.', { now }) : t('{now}.', { now });
}

/** A track that has a PID came in TS and was to go to RTMP; one without was to go the other way. */
function droppedTrackText(event: LogEvent): string {
  const codec = textIn(event, 'codec') ?? t('A track');
  const pid = numberIn(event, 'pid');
  const [what, target] = pid === undefined ? [codec, 'MPEG-TS'] : [t('{codec} on PID {pid}', { codec, pid }), 'RTMP'];
  return textIn(event, 'reason') === 'extra'
    ? t('{what} is left out: {target} carries one track of its kind.', { what, target })
    : t('{what} cannot go to {target} and is left out.', { what, target });
}

const inputWord = (event: LogEvent): string => t(textIn(event, 'to') ?? 'other');

const doingFacts = (event: LogEvent, what: 'input' | 'output') => ({
  name: textIn(event, what) ?? '',
  by: actorText(event),
  fields: fieldsOf(event),
});

const relayFacts = (event: LogEvent) => ({ relay: relayOf(event), pipeline: pipelineOf(event) });

const relayOf = (event: LogEvent): string => t('Relay {name}', { name: textIn(event, 'relay') ?? t('of this flow') });

const pipelineOf = (event: LogEvent): string => {
  const pipeline = textIn(event, 'pipeline');
  return pipeline === undefined ? t('a pipeline') : t('the {pipeline} pipeline', { pipeline: t(pipeline) });
};

function endingOf(event: LogEvent): string {
  switch (textIn(event, 'cause') ?? '') {
    case 'hung':
      return t('hung and was ended');
    case 'crashed':
      return t('crashed');
    case 'killed':
      return t('was killed from outside');
    case 'held':
      return t('was not started, for an older process of it still runs');
    default:
      return t('ended');
  }
}

function restartText(event: LogEvent): string {
  const waitMs = numberIn(event, 'waitMs');
  if (waitMs === undefined) return '';
  return waitMs === 0 ? t(' at once') : t(' in {time}', { time: durationText(waitMs) });
}

const forText = (event: LogEvent, fact: string): string => {
  const ms = numberIn(event, fact);
  return ms === undefined ? '' : t(' for {time}', { time: durationText(ms) });
};

const afterText = (event: LogEvent): string => {
  const ms = numberIn(event, 'durationMs');
  return ms === undefined ? '' : t(' after {time}', { time: durationText(ms) });
};

const fieldsOf = (event: LogEvent): string => {
  const fields = textIn(event, 'fields')?.split(', ');
  return fields === undefined
    ? ''
    : t(': {fields}', { fields: fields.map((field) => t(fieldNames[field] ?? field)).join(', ') });
};

/** Fields whose name as a program knows it is not a word of the form. */
const fieldNames: Readonly<Record<string, string>> = {
  latencyMs: 'latency',
  regionId: 'region',
  ttl: 'TTL',
  bareTs: 'RTP or bare TS',
};
