/** The sentences of what happens with peers: who came, who went and why, who was refused, when it is tried again. */
import type { LogEvent } from '../../db/model.ts';
import type { Condition, IncidentCode } from '../../relay/contract/messages.ts';
import type { Protocol } from '../../relay/contract/settings.ts';
import { durationText, hostPort, msText } from './units.ts';
import { conditions } from './words-conditions.ts';
import { numberIn, textIn } from './words-facts.ts';
import { incidents, type Sentence } from './words-incidents.ts';

export function connectedText(event: LogEvent): string {
  const [before, way] = event.role === 'output' ? ['Connected', 'to'] : ['Connected', 'from'];
  const rtp = event.role === 'output' ? 'Sending' : 'Receiving';
  return `${protocolOf(event) === 'rtp' ? rtp : before} ${way} ${peerText(event)}${linkText(event)}.`;
}

export function disconnectedText(event: LogEvent): string {
  const ms = numberIn(event, 'durationMs');
  const after = ms === undefined ? '' : ` after ${durationText(ms)}`;
  return `Disconnected from ${peerText(event)}${after}: ${causeText(incidentOf(event))}.${nextText(event)}`;
}

export function refusedText(event: LogEvent): string {
  const { what, next } = incidentOf(event);
  const verb = what.startsWith('Ignored: ') ? 'Ignored' : 'Refused';
  return `${verb} ${peerText(event)}: ${causeText({ what })}. ${next}`.trim();
}

export function retryText(event: LogEvent): string {
  const incident = incidentOf(event);
  const attempt = numberIn(event, 'attempt');
  const triedMs = numberIn(event, 'triedForMs');
  const first = event.role === 'output' ? `Could not connect to ${peerText(event)}` : 'Could not listen';
  const tried = triedMs === undefined || triedMs < 1000 ? '' : ` in ${durationText(triedMs)}`;
  const attempts = attempt === undefined || attempt === 1 ? '' : ` (attempt ${attempt}${tried})`;
  return `${first}${attempts}: ${causeText(incident)}.${nextText(event)} ${incident.next}`.trim();
}

/** The words of the state that the endpoint is shown in. */
export function stalledText(event: LogEvent): string {
  const { source, sink } = conditions;
  const condition: Condition = textIn(event, 'cause') === 'unacknowledged' ? 'unacknowledged' : 'stalled';
  return (event.role === 'output' ? sink : source)[protocolOf(event)][condition];
}

const peerText = ({ peer }: LogEvent): string => (peer ? hostPort(peer.address, peer.port) : 'an unknown address');

/** What both ends agreed on; nothing where the protocol has no such thing. */
function linkText(event: LogEvent): string {
  const [latencyMs, keyLength] = [numberIn(event, 'latencyMs'), numberIn(event, 'keyLength')];
  const parts = [
    latencyMs !== undefined && `latency ${msText(latencyMs)}`,
    keyLength !== undefined && (keyLength === 0 ? 'not encrypted' : `encrypted with AES-${keyLength}`),
  ].filter(Boolean);
  return parts.length > 0 ? `, ${parts.join(', ')}` : '';
}

function nextText(event: LogEvent): string {
  const retryInMs = numberIn(event, 'retryInMs');
  return retryInMs === undefined ? '' : ` Next attempt in ${durationText(retryInMs)}.`;
}

function incidentOf(event: LogEvent): Sentence {
  const all = incidents[event.role === 'output' ? 'sink' : 'source'][protocolOf(event)];
  const cause = textIn(event, 'cause') ?? '';
  return isIncident(cause) ? all[cause] : { what: 'The reason is not known', next: '' };
}

/** As the second half of a sentence: "Refused: wrong passphrase" is "wrong passphrase". */
function causeText({ what }: Pick<Sentence, 'what'>): string {
  const text = what.replace(/^(Refused|Ignored|Closed): /, '');
  return text.charAt(0).toLowerCase() + text.slice(1);
}

const isIncident = (code: string): code is IncidentCode => Object.hasOwn(incidents.source.srt, code);

function protocolOf(event: LogEvent): Protocol {
  const protocol = textIn(event, 'protocol');
  return protocol === 'rtmp' || protocol === 'rtp' ? protocol : 'srt';
}
