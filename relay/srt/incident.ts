/** SRT's endings in the words of the contract. */
import type { IncidentCode } from '../contract/messages.ts';
import { type CloseCause, isRefusal, refusalOf } from './causes.ts';

const incidentOf: Record<Exclude<CloseCause, `refused:${string}`>, IncidentCode> = {
  local: 'idle',
  'peer-closed': 'peer-closed',
  'peer-silent': 'peer-silent',
  'gave-way': 'gave-way',
  'address-not-allowed': 'address-not-allowed',
  timeout: 'no-answer',
  'unknown-host': 'name-not-found',
  'cannot-dial': 'cannot-dial',
};

export const toIncident = (cause: CloseCause): IncidentCode =>
  isRefusal(cause) ? refusalOf(cause) : incidentOf[cause];
