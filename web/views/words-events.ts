/** One plain sentence for each line of the log, with the facts that it needs. The catalogue for people: docs/events.md. */
import type { LogEvent, ServerEventCode } from '../../db/model.ts';
import type { RelayEventCode } from '../../relay/contract/messages.ts';
import { actorText, count, numberIn, overText, textIn } from './words-facts.ts';
import { connectedText, disconnectedText, refusedText, retryText, stalledText } from './words-peers.ts';
import { bandwidthText, countText, durationText, shareText } from './units.ts';

export type EventCode = RelayEventCode | ServerEventCode;

type Say = (event: LogEvent) => string;

const media = {
  'data-lost': (event) => `${count(event, 'lost', 'packet', 'packets')} lost on the way${overText(event)}.`,
  'format-found': (event) => `Media found: ${textIn(event, 'format') ?? 'of unknown format'}.`,
  'format-changed': (event) => {
    const before = textIn(event, 'before');
    return `Media changed to ${textIn(event, 'format') ?? 'an unknown format'}${before ? `, before: ${before}` : ''}.`;
  },
  'track-dropped': droppedTrackText,
  'program-chosen': (event) =>
    `Program ${numberIn(event, 'program') ?? '?'} goes to RTMP; the others (${textIn(event, 'others') ?? '?'}) are left out.`,
  'no-keyframe': () => 'Video is announced but brings no key frame: sound went ahead alone.',
  'over-bandwidth': (event) => `Above the maximum bandwidth${shareOf(event)}.`,
  'bandwidth-ok': () => 'Within the maximum bandwidth again.',
  capped: (event) => {
    const limit = numberIn(event, 'limit');
    const of = limit === undefined ? '' : ` of ${bandwidthText(limit)}`;
    return `${dropped(event)} dropped above the maximum bandwidth${of}${overText(event)}.`;
  },
  failover: failoverText,
  'timestamps-jumped': (event) => {
    const jumps = numberIn(event, 'jumps');
    const times = jumps === undefined || jumps === 1 ? '' : ` ${countText(jumps)} times`;
    const how =
      textIn(event, 'passed') === 'ts' ? 'MPEG-TS outputs get them as they came' : 'the outputs go on without a jump';
    return `The timestamps of the encoder jumped${times}${overText(event)}; ${how}.`;
  },
  'dropped-to-slow-peer': (event) =>
    `${dropped(event)} dropped${overText(event)}: the destination is too slow for the stream.`,
  'bad-media': (event) => {
    const fault = textIn(event, 'fault');
    const of = fault === undefined ? '' : ` (${faultNames[fault] ?? fault})`;
    return `${count(event, 'damaged', 'damaged piece', 'damaged pieces')} of media${of}${overText(event)}. The rest went on.`;
  },
  'pipeline-failed': (event) => {
    const fault = textIn(event, 'fault');
    return fault === 'crash'
      ? 'The relay crashed or hung in this pipeline’s work, a fault of StreamLink’s own. It was opened again.'
      : `A fault of StreamLink’s own${fault === undefined ? '' : ` (${fault})`} ended this pipeline. It is opened again after 1 s; relay.log has the details.`;
  },
  'pipeline-quarantined': (event) =>
    `Failed ${countText(numberIn(event, 'falls') ?? 3)} times within a minute: this pipeline stays closed, so that others of its relay run on. Stop and start the flow to try again.`,
} satisfies Partial<Record<EventCode, Say>>;

const relays = {
  'relay-lost': (event) =>
    `${relayOf(event)} does not answer: the state of ${pipelineOf(event)} is unknown; media may still flow.`,
  'relay-hung': (event) =>
    `${relayOf(event)} has said nothing${forText(event, 'silentMs')}: it is ended and started anew, which interrupts ${pipelineOf(event)}.`,
  'relay-died': (event) =>
    textIn(event, 'cause') === 'held'
      ? `${relayOf(event)} ${endingOf(event)}; media may still flow.`
      : `${relayOf(event)} ${endingOf(event)}; ${pipelineOf(event)} is interrupted until it is started anew${restartText(event)}.`,
  'relay-keeps-ending': (event) =>
    `${relayOf(event)} ${endingOf(event)}, ${countText(numberIn(event, 'deaths') ?? 3)} times within a minute. It is started again and again, with pauses of up to 10 s; ${pipelineOf(event)} is interrupted each time. See crash.log and relay.log.`,
  'relay-back': (event) => `${relayOf(event)} is back${afterText(event)} and carries ${pipelineOf(event)}.`,
} satisfies Partial<Record<EventCode, Say>>;

const doings = {
  'flow-created': (event) => `Flow created ${actorText(event)}.`,
  'flow-duplicated': (event) =>
    `Flow made as a duplicate of ${textIn(event, 'from') ?? 'another'} ${actorText(event)}.`,
  'flow-imported': (event) => `Flow imported from a file ${actorText(event)}.`,
  'flow-renamed': (event) => `Flow renamed ${actorText(event)}; before: ${textIn(event, 'from') ?? 'unknown'}.`,
  'flow-started': (event) => `Flow started ${actorText(event)}.`,
  'flow-stopped': (event) => `Flow stopped ${actorText(event)}.`,
  'flow-deleted': (event) => `Flow deleted ${actorText(event)}.`,
  'input-edited': (event) => `Input ${textIn(event, 'input') ?? ''} edited ${actorText(event)}${fieldsOf(event)}.`,
  'input-switched': (event) => `Switch to the ${textIn(event, 'to') ?? 'other'} input ordered ${actorText(event)}.`,
  'output-created': (event) => `Output ${textIn(event, 'output') ?? ''} created ${actorText(event)}.`,
  'output-edited': (event) => `Output ${textIn(event, 'output') ?? ''} edited ${actorText(event)}${fieldsOf(event)}.`,
  'output-deleted': (event) => `Output ${textIn(event, 'output') ?? ''} deleted ${actorText(event)}.`,
} satisfies Partial<Record<EventCode, Say>>;

/** A code without a sentence does not compile. */
export const events: Readonly<Record<EventCode, Say>> = {
  connected: connectedText,
  disconnected: disconnectedText,
  refused: refusedText,
  retry: retryText,
  stalled: stalledText,
  'flowing-again': (event) => `Media moves again${afterText(event)}.`,
  ...media,
  'more-events': (event) =>
    `${countText(event.count)} more of “${(textIn(event, 'of') ?? 'events').replaceAll('-', ' ')}” came${overText(event) || ' at once'} and are not listed one by one.`,
  'events-lost': (event) =>
    `${countText(event.count)} ${event.count === 1 ? 'event' : 'events'} up to here could not be kept: the relay did not reach its server for too long.`,
  ...relays,
  ...doings,
};

/** These count by themselves: how often the line stands for it need not be said again. */
const countsItself: ReadonlySet<string> = new Set(['more-events', 'events-lost', 'retry']);

/** The sentence of a line, and how often it happened. A code of another version has none of its own. */
export function logSentence(event: LogEvent): string {
  if (!isCode(event.code)) return `Something that this version has no words for (${event.code}).`;
  const said = events[event.code](event);
  if (event.count === 1 || countsItself.has(event.code)) return said;
  return `${said} (${countText(event.count)} times${overText(event)})`;
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

const dropped = (event: LogEvent): string => count(event, 'dropped', 'packet or frame', 'packets or frames');

function shareOf(event: LogEvent): string {
  const [bitrate, limit] = [numberIn(event, 'bitrate'), numberIn(event, 'limit')];
  return bitrate === undefined || limit === undefined ? '' : `: ${shareText(bitrate, limit)}`;
}

/** Each relay switches the outputs of its own pipeline, so that a switch is one line for each of them. */
function failoverText(event: LogEvent): string {
  const to = textIn(event, 'to') ?? 'other';
  const from = to === 'backup' ? 'primary' : 'backup';
  const now = `The outputs of the ${event.pipeline ?? 'same'} pipeline now get the ${to} input`;
  const gapMs = numberIn(event, 'gapMs');
  const cause = textIn(event, 'cause');
  if (cause === 'input-lost') return `${now}: no media from ${from}${gapMs ? ` for ${durationText(gapMs)}` : ''}.`;
  if (cause === 'preferred-back') return `${now} again: its media has been well for 5 s.`;
  return cause === 'by-operator' ? `${now}, as an operator ordered.` : `${now}.`;
}

/** A track that has a PID came in TS and was to go to RTMP; one without was to go the other way. */
function droppedTrackText(event: LogEvent): string {
  const codec = textIn(event, 'codec') ?? 'A track';
  const pid = numberIn(event, 'pid');
  const [what, target] = pid === undefined ? [codec, 'MPEG-TS'] : [`${codec} on PID ${pid}`, 'RTMP'];
  return textIn(event, 'reason') === 'extra'
    ? `${what} is left out: ${target} carries one track of its kind.`
    : `${what} cannot go to ${target} and is left out.`;
}

const relayOf = (event: LogEvent): string => `Relay ${textIn(event, 'relay') ?? 'of this flow'}`;

const pipelineOf = (event: LogEvent): string => {
  const pipeline = textIn(event, 'pipeline');
  return pipeline === undefined ? 'a pipeline' : `the ${pipeline} pipeline`;
};

function endingOf(event: LogEvent): string {
  switch (textIn(event, 'cause') ?? '') {
    case 'hung':
      return 'hung and was ended';
    case 'crashed':
      return 'crashed';
    case 'killed':
      return 'was killed from outside';
    case 'held':
      return 'was not started, for an older process of it still runs';
    default:
      return 'ended';
  }
}

function restartText(event: LogEvent): string {
  const waitMs = numberIn(event, 'waitMs');
  if (waitMs === undefined) return '';
  return waitMs === 0 ? ' at once' : ` in ${durationText(waitMs)}`;
}

const forText = (event: LogEvent, fact: string): string => {
  const ms = numberIn(event, fact);
  return ms === undefined ? '' : ` for ${durationText(ms)}`;
};

const afterText = (event: LogEvent): string => {
  const ms = numberIn(event, 'durationMs');
  return ms === undefined ? '' : ` after ${durationText(ms)}`;
};

const fieldsOf = (event: LogEvent): string => {
  const fields = textIn(event, 'fields')?.split(', ');
  return fields === undefined ? '' : `: ${fields.map((field) => fieldNames[field] ?? field).join(', ')}`;
};

/** Fields whose name as a program knows it is not a word of the form. */
const fieldNames: Readonly<Record<string, string>> = {
  latencyMs: 'latency',
  regionId: 'region',
  ttl: 'TTL',
  bareTs: 'RTP or bare TS',
};
