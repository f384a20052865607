/** What the connection doctor says: one sentence on what is wrong and what to do, whole, so that a language may turn it. */
import type { IncidentCode } from '../../relay/contract/messages.ts';
import type { Protocol } from '../../relay/contract/settings.ts';
import { type Facts, language, t } from './language.ts';
import { incidents, type Sentence } from './words-incidents.ts';
import type { Role } from './words.ts';
import { countText } from './units.ts';

/** Why a caller of an input is told no. `{peer}` is its address, `{age}` how long ago it last tried. */
const callers: Partial<Record<IncidentCode, string>> = {
  'address-not-allowed':
    'An encoder at {peer} is calling from an address that is not in the allowlist; last try {age} ago. If it is yours, allow its address.',
  'passphrase-missing':
    'An encoder at {peer} is calling without a passphrase; last try {age} ago. Set the key and key length of this input on the encoder.',
  'passphrase-wrong':
    'An encoder at {peer} is calling with a wrong passphrase; last try {age} ago. Compare the key on the encoder with the one set here.',
  'passphrase-unexpected':
    'An encoder at {peer} is calling with a passphrase, and this input has none; last try {age} ago. Turn encryption off on the encoder, or decryption on here.',
  'key-length-wrong':
    'An encoder at {peer} is calling with another key length; last try {age} ago. Set on the encoder the key length that is set here.',
  'stream-key-wrong':
    'An encoder at {peer} is publishing with a wrong stream key; last try {age} ago. Copy server URL and stream key of this input to the encoder once more.',
  'already-in-use':
    'A second encoder at {peer} is calling, and one is connected already; last try {age} ago. Stop one of the two, or push to the other input.',
  'over-caller-limit':
    'There are too many connections from {peer}; last try {age} ago. Look for an encoder that reconnects without end.',
  'version-too-old':
    'An encoder at {peer} is calling with a version of SRT that is too old; last try {age} ago. Update it to SRT 1.3 or newer.',
  'flow-stopped':
    'An encoder at {peer} is publishing to this flow, which is stopped; last try {age} ago. Start the flow, or stop the encoder.',
};

const senders: Partial<Record<IncidentCode, string>> = {
  'address-not-allowed':
    'Datagrams come from {peer}, which is not in the allowlist; the last {age} ago. If it is your encoder, allow its address.',
  'already-in-use':
    'Datagrams come from a second sender at {peer} and are ignored; the last {age} ago. Stop one of the two, or send to the other input.',
};

const otherCaller = 'An encoder at {peer} was refused: {cause}; last try {age} ago. {next}';

const unknownCause: Sentence = { what: 'the reason is not known', next: 'The Log tab has the details.' };

/** Which incidents are a no to a caller, not the end of a session. */
export const isRefusal = (code: string): boolean => Object.hasOwn(callers, code);

export function callerText(protocol: Protocol, cause: string, facts: Facts): string {
  const words = isIncident(cause) ? (protocol === 'rtp' && senders[cause]) || callers[cause] : undefined;
  return words ? t(words, facts) : t(otherCaller, { ...facts, ...causeText('source', protocol, cause) });
}

/** An incident as the middle of a sentence, and the step that follows from it. */
export function causeText(role: Role, protocol: Protocol, code: string): { cause: string; next: string } {
  const { what, next } = isIncident(code) ? incidents[role][protocol][code] : unknownCause;
  const said = t(what).replace(/^(Refused|Ignored|Closed): /, '');
  return { cause: language() === 'en' ? said.charAt(0).toLowerCase() + said.slice(1) : said, next: t(next) };
}

export const packetsText = (count: number): string =>
  count === 1 ? t('1 packet') : t('{count} packets', { count: countText(count) });

const isIncident = (code: string): code is IncidentCode => Object.hasOwn(incidents.source.srt, code);
