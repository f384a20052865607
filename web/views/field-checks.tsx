/** What is wrong with a field that was just left. htmx puts it beside its field; the others' faults are told when they are left, or at once. */
import { faultText, fieldOf, idOf } from './fields.tsx';
import type { FieldError } from './props.ts';

export interface FieldChecksProps {
  /** The control that was left. */
  readonly left: string;
  /** All controls of the form. */
  readonly names: readonly string[];
  readonly faults: readonly FieldError[];
}

/**
 * Destinations are wrong by each other, so that leaving one may mend another: that one loses its fault too. All other
 * fields keep what stands beside them, such as what another operator saved meanwhile.
 */
export const FieldChecks = ({ left, names, faults }: FieldChecksProps) => (
  <>
    {[...new Set([left, ...names.filter((name) => areRelated(name, left))])].map((name) => {
      const own = faults.filter(({ field }) => fieldOf(field) === name);
      if (name !== left && own.length > 0) return null;
      return (
        <hx-partial hx-target={`#${idOf(name)}-error`} hx-swap="innerHTML">
          {own.map(({ message }) => (
            <span>{faultText(message)}</span>
          ))}
        </hx-partial>
      );
    })}
  </>
);

const areRelated = (name: string, other: string): boolean =>
  name.startsWith('destinations.') && other.startsWith('destinations.');
