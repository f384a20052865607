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

/** A field that is well now loses its fault, whichever was left: changing one may mend the other. */
export const FieldChecks = ({ left, names, faults }: FieldChecksProps) => (
  <>
    {[...new Set(names)].map((name) => {
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
