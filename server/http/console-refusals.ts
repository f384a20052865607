/** Refusals and faults of fields as the console's reader is told them: in the language of the answer. */
import { t } from '../../web/views/language.ts';
import { type FieldFault, type Refusal, refusals } from '../refusal.ts';

/** What a refusal says of the whole. */
export const sayRefusal = (refusal: Refusal): string => t(refusal.message);

/** A fault beside its field. What names the value that is meant ("10.0.0.1/8: The address has…") goes on to name it. */
export function sayFault(fault: FieldFault): FieldFault {
  const found = Object.values(refusals).find(({ words }) => fault.message.endsWith(`: ${words}`));
  if (!found) return { ...fault, message: t(fault.message) };
  return { ...fault, message: fault.message.replace(found.words, () => t(found.words)) };
}

export const sayFaults = (faults: readonly FieldFault[]): readonly FieldFault[] => faults.map(sayFault);
