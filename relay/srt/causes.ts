/** Why an SRT caller was refused or a session ended: one code each, and the words for it. */

/** In the order of `enum class Refusal` in addon/gate.hpp; `not-authorized` is only ever said by a foreign listener. */
export const refusalCauses = [
  'address-not-allowed',
  'passphrase-missing',
  'passphrase-wrong',
  'passphrase-unexpected',
  'stream-id-wrong',
  'already-in-use',
  'version-too-old',
  'handshake-failed',
  'not-authorized',
] as const;

/** Why a caller was refused, seen from the listener: `passphrase-missing` is a caller without one. */
export type RefusalCause = (typeof refusalCauses)[number];

/** Why a session ended, or a dial came to nothing. */
export type CloseCause =
  | 'local'
  | 'peer-closed'
  | 'peer-silent'
  | 'gave-way'
  | 'address-not-allowed'
  | 'timeout'
  | 'unknown-host'
  | 'cannot-dial'
  | `refused:${RefusalCause}`;

const refusalWords: Record<RefusalCause, string> = {
  'address-not-allowed': 'the caller’s address is not on the allowlist',
  'passphrase-missing': 'the listener wants a passphrase and the caller has none',
  'passphrase-wrong': 'the passphrases differ',
  'passphrase-unexpected': 'the caller encrypts and the listener has no passphrase',
  'stream-id-wrong': 'the listener does not know the stream id',
  'already-in-use': 'another caller is connected and sending',
  'version-too-old': 'the caller speaks SRT older than 1.3',
  'handshake-failed': 'the handshake failed',
  'not-authorized': 'the listener does not accept the caller’s credentials',
};

const closeWords: Record<Exclude<CloseCause, `refused:${string}`>, string> = {
  local: 'closed on this side',
  'peer-closed': 'the peer closed the connection',
  'peer-silent': 'the peer fell silent',
  'gave-way': 'silent, and replaced by a new caller',
  'address-not-allowed': 'the address was taken off the allowlist',
  timeout: 'no answer',
  'unknown-host': 'the host name is not known',
  'cannot-dial': 'the system does not let us dial this address',
};

/** A refusal in plain words, without a full stop. */
export const refusalText = (cause: RefusalCause): string => refusalWords[cause];

/** An ending in plain words, without a full stop. */
export function closeText(cause: CloseCause): string {
  return isRefusal(cause) ? `refused: ${refusalWords[refusalOf(cause)]}` : closeWords[cause];
}

/** Ended by the listener's no: dialling again at once will not help. */
export const isRefusal = (cause: CloseCause): cause is `refused:${RefusalCause}` => cause.startsWith('refused:');

/**
 * Why a dial came to nothing, from libsrt's reject reason.
 * Sources: SRT_REJECT_REASON in srt.h; 1000 and up are the listener's own, docs/features/access-control.md.
 */
export function dialFailure(reason: number, encrypted: boolean): CloseCause {
  if (reason === 16) return 'timeout';
  if (reason === 11) return encrypted ? 'refused:passphrase-unexpected' : 'refused:passphrase-missing';
  return `refused:${reasons[reason] ?? 'handshake-failed'}`;
}

const reasons: Readonly<Record<number, RefusalCause>> = {
  5: 'already-in-use',
  8: 'version-too-old',
  10: 'passphrase-wrong',
  1401: 'not-authorized',
  1403: 'address-not-allowed',
  1404: 'stream-id-wrong',
  1409: 'already-in-use',
  1505: 'version-too-old',
};

export function refusalOf(cause: `refused:${RefusalCause}`): RefusalCause {
  return refusalCauses.find((refusal) => cause === `refused:${refusal}`) ?? 'handshake-failed';
}
