/** The sentences of what happens with peers: who came, who went and why, who was refused, when it is tried again. */
import type { LogEvent } from '../../db/model.ts';
import type { Condition, IncidentCode } from '../../relay/contract/messages.ts';
import type { Protocol } from '../../relay/contract/settings.ts';
import { t } from './language.ts';
import { durationText, hostPort, msText } from './units.ts';
import { conditions } from './words-conditions.ts';
import { numberIn, textIn } from './words-facts.ts';
import { incidents, type Sentence } from './words-incidents.ts';

export function connectedText(event: LogEvent): string {
  const facts = { peer: peerText(event), link: linkText(event) };
  const isRtp = protocolOf(event) === 'rtp';
  if (event.role === 'output')
    return isRtp ? t('Sending to {peer}{link}.', facts) : t('Connected to {peer}{link}.', facts);
  return isRtp ? t('Receiving from {peer}{link}.', facts) : t('Connected from {peer}{link}.', facts);
}

export function disconnectedText(event: LogEvent): string {
  const ms = numberIn(event, 'durationMs');
  const after = ms === undefined ? '' : t(' after {time}', { time: durationText(ms) });
  return t('Disconnected from {peer}{after}: {cause}.{next}', {
    peer: peerText(event),
    after,
    cause: causeText(incidentOf(event)),
    next: nextText(event),
  });
}

export function refusedText(event: LogEvent): string {
  const { what, next } = incidentOf(event);
  const facts = { peer: peerText(event), cause: causeText({ what }), next: t(next) };
  return (
    what.startsWith('Ignored: ')
      ? t('Ignored {peer}: {cause}. {next}', facts)
      : t('Refused {peer}: {cause}. {next}', facts)
  ).trim();
}

export function retryText(event: LogEvent): string {
  const incident = incidentOf(event);
  const attempt = numberIn(event, 'attempt');
  const triedMs = numberIn(event, 'triedForMs');
  const first =
    event.role === 'output' ? t('Could not connect to {peer}', { peer: peerText(event) }) : t('Could not listen');
  const tried = triedMs === undefined || triedMs < 1000 ? '' : t(' in {time}', { time: durationText(triedMs) });
  const attempts = attempt === undefined || attempt === 1 ? '' : t(' (attempt {attempt}{tried})', { attempt, tried });
  return t('{first}{attempts}: {cause}.{again} {next}', {
    first,
    attempts,
    cause: causeText(incident),
    again: nextText(event),
    next: t(incident.next),
  }).trim();
}

/** The words of the state that the endpoint is shown in. */
export function stalledText(event: LogEvent): string {
  const { source, sink } = conditions;
  const condition: Condition = textIn(event, 'cause') === 'unacknowledged' ? 'unacknowledged' : 'stalled';
  return t((event.role === 'output' ? sink : source)[protocolOf(event)][condition]);
}

const peerText = ({ peer }: LogEvent): string => (peer ? hostPort(peer.address, peer.port) : t('an unknown address'));

/** What both ends agreed on; nothing where the protocol has no such thing. */
function linkText(event: LogEvent): string {
  const [latencyMs, keyLength] = [numberIn(event, 'latencyMs'), numberIn(event, 'keyLength')];
  const parts = [
    latencyMs !== undefined && t('latency {time}', { time: msText(latencyMs) }),
    keyLength !== undefined &&
      (keyLength === 0 ? t('not encrypted') : t('encrypted with AES-{bits}', { bits: keyLength })),
  ].filter(Boolean);
  return parts.length > 0 ? `, ${parts.join(', ')}` : '';
}

function nextText(event: LogEvent): string {
  const retryInMs = numberIn(event, 'retryInMs');
  return retryInMs === undefined ? '' : t(' Next attempt in {time}.', { time: durationText(retryInMs) });
}

function incidentOf(event: LogEvent): Sentence {
  const all = incidents[event.role === 'output' ? 'sink' : 'source'][protocolOf(event)];
  const cause = textIn(event, 'cause') ?? '';
  return isIncident(cause) ? all[cause] : { what: 'The reason is not known', next: '' };
}

/** As the second half of a sentence: "Refused: wrong passphrase" is "wrong passphrase". */
function causeText({ what }: Pick<Sentence, 'what'>): string {
  const text = t(what).replace(/^(Refused|Ignored|Closed|已拒绝|已忽略|已关闭)(: |：)/, '');
  return text.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase());
}

const isIncident = (code: string): code is IncidentCode => Object.hasOwn(incidents.source.srt, code);

function protocolOf(event: LogEvent): Protocol {
  const protocol = textIn(event, 'protocol');
  return protocol === 'rtmp' || protocol === 'rtp' ? protocol : 'srt';
}
