/** A bit rate over the last minutes as a small shape: drawn here, so that it needs no script. */
import { t } from './language.ts';
import { bitrateText } from './units.ts';

const STEP = 2;
const HEIGHT = 24;
/** What is known and zero is seen all the same. */
const FLOOR = 1;

/** Bit/s at equal steps, oldest first; undefined where nothing was measured, which is a gap and no zero. */
export const Sparkline = ({ rates }: { rates: readonly (number | undefined)[] }) => {
  const known = rates.filter((rate) => rate !== undefined);
  if (known.length < 2) return null;
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const label = t('Over the last 5 minutes between {least} and {most}.', {
    least: bitrateText(least),
    most: bitrateText(most),
  });
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${(rates.length - 1) * STEP} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path d={sparkPath(rates, most)} />
    </svg>
  );
};

/**
 * Areas from zero at the bottom to the largest rate at the top, one for each stretch without a gap. Equal neighbours are
 * one line, so that a steady flow is short.
 */
export function sparkPath(rates: readonly (number | undefined)[], most: number): string {
  const heights = rates.map((rate) => (rate === undefined ? undefined : heightOf(rate, most)));
  let path = '';
  heights.forEach((y, index) => {
    if (y === undefined) return;
    const [before, after] = [heights[index - 1], heights[index + 1]];
    const x = index * STEP;
    if (before === undefined) path += `M${x} ${HEIGHT}V${y}`;
    else if (before !== y) path += `L${x} ${y}`;
    else if (after !== y) path += `H${x}`;
    if (after === undefined) path += `V${HEIGHT}`;
  });
  return path;
}

const heightOf = (rate: number, most: number): number =>
  HEIGHT - FLOOR - (most === 0 ? 0 : Math.round((rate / most) * (HEIGHT - FLOOR)));
