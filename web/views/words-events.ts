/** One plain sentence for each thing that happened to media, with the facts that it needs. */
import type { MediaEvent, MediaEventCode } from '../../relay/contract/messages.ts';
import { bandwidthText, countText, msText, shareText } from './units.ts';

type Facts = MediaEvent['facts'];

/** A fact that a relay of another version leaves out must not make a sentence false, only vaguer. */
const numberIn = (facts: Facts, name: string): number | undefined => {
  const value = facts[name];
  return typeof value === 'number' ? value : undefined;
};

const counted = (facts: Facts, name: string, one: string, many: string): string => {
  const count = numberIn(facts, name);
  if (count === undefined) return `Some ${many}`;
  return `${countText(count)} ${count === 1 ? one : many}`;
};

const overText = (facts: Facts): string => {
  const [bitrate, limit] = [numberIn(facts, 'bitrate'), numberIn(facts, 'limit')];
  return bitrate === undefined || limit === undefined ? '' : `: ${shareText(bitrate, limit)}`;
};

const limitText = (facts: Facts): string => {
  const limit = numberIn(facts, 'limit');
  return limit === undefined ? '' : ` of ${bandwidthText(limit)}`;
};

export const events: Readonly<Record<MediaEventCode, (facts: Facts) => string>> = {
  failover: failoverSentence,
  'track-dropped': droppedTrackSentence,
  'program-chosen': ({ program, others }) =>
    `Program ${program ?? '?'} goes to RTMP; the others (${others ?? '?'}) are left out.`,
  'no-keyframe': () => 'Video is announced but brings no key frame: sound went ahead alone.',
  'over-bandwidth': (facts) => `Above the maximum bandwidth${overText(facts)}.`,
  'bandwidth-ok': () => 'Within the maximum bandwidth again.',
  capped: (facts) =>
    `${counted(facts, 'dropped', 'packet or frame', 'packets or frames')} dropped above the maximum bandwidth${limitText(facts)}.`,
  'source-restarted': ({ peer }) => `The encoder connected anew${peer === undefined ? '' : ` from ${peer}`}.`,
  'timestamps-jumped': (facts) =>
    `The timestamps of the encoder jumped${timesText(numberIn(facts, 'count'))}; the outputs go on without a jump.`,
  'dropped-to-slow-peer': (facts) =>
    `${counted(facts, 'dropped', 'packet or frame', 'packets or frames')} dropped: the destination is too slow for the stream.`,
  'bad-media': (facts) =>
    `${counted(facts, 'count', 'damaged piece', 'damaged pieces')} of media${facts['fault'] === undefined ? '' : ` (${facts['fault']})`}. The rest went on.`,
  'pipeline-failed': ({ fault }) =>
    fault === 'crash'
      ? 'The relay crashed or hung in this pipeline’s work, a fault of StreamLink’s own. It was opened again.'
      : `A fault of StreamLink’s own${fault === undefined ? '' : ` (${fault})`} ended this pipeline. It is opened again after 1 s; relay.log has the details.`,
  'pipeline-quarantined': (facts) =>
    `Failed ${countText(numberIn(facts, 'falls') ?? 3)} times within a minute: this pipeline stays closed, so that others of its relay run on. Stop and start the flow to try again.`,
  'relay-ended': (facts) => `The relay process ${endingOf(facts)}${restartText(facts)}.`,
  'relay-keeps-ending': (facts) =>
    `The relay process ${endingOf(facts)}, ${countText(numberIn(facts, 'deaths') ?? 3)} times within a minute. It is started again and again, with pauses of up to 10 s. See crash.log and relay.log.`,
};

function endingOf(facts: Facts): string {
  switch (facts['cause'] ?? '') {
    case 'hung':
      return 'hung and was ended';
    case 'crashed':
      return 'crashed';
    case 'killed':
      return 'was killed from outside';
    case 'held':
      return 'did not start, for an older process of it still runs';
    default:
      return 'ended';
  }
}

function restartText(facts: Facts): string {
  const waitMs = numberIn(facts, 'waitMs');
  return waitMs === undefined ? '' : `. It is started again in ${msText(waitMs)}`;
}

function failoverSentence(facts: Facts): string {
  const to = String(facts['to'] ?? 'the other input');
  const from = to === 'backup' ? 'primary' : 'backup';
  const gapMs = numberIn(facts, 'gapMs');
  switch (facts['cause'] ?? '') {
    case 'input-lost':
      return `Switched to ${to}: no media from ${from}${gapMs ? ` for ${msText(gapMs)}` : ''}.`;
    case 'preferred-back':
      return `Switched back to ${to}: its media has been well for 5 s.`;
    case 'by-operator':
      return `Switched to ${to} by an operator.`;
    default:
      return `Switched to ${to}.`;
  }
}

/** A track that has a PID came in TS and was to go to RTMP; one without was to go the other way. */
function droppedTrackSentence(facts: Facts): string {
  const codec = String(facts['codec'] ?? 'A track');
  const pid = numberIn(facts, 'pid');
  const [what, target] = pid === undefined ? [codec, 'MPEG-TS'] : [`${codec} on PID ${pid}`, 'RTMP'];
  return facts['reason'] === 'extra'
    ? `${what} is left out: ${target} carries one track of its kind.`
    : `${what} cannot go to ${target} and is left out.`;
}

const timesText = (times: number | undefined): string =>
  times === undefined || times === 1 ? '' : ` ${countText(times)} times`;

/** The sentence of an event, and how often it came in the second that it stands for. */
export function eventSentence({ code, facts }: MediaEvent): string {
  const times = numberIn(facts, 'times');
  const left = numberIn(facts, 'unreported');
  return [
    events[code](facts),
    times !== undefined && times > 1 && `(${countText(times)} times)`,
    left !== undefined && left > 0 && `${countText(left)} more events came at once and are not listed.`,
  ]
    .filter(Boolean)
    .join(' ');
}
