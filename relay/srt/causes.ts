/** Why an SRT caller was refused or a session ended: one code each. */

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
