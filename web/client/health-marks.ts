/** Marks on the charts' time axis: lines across where something happened, and its words where one points at it. */
import type uPlot from 'uplot';
import type { Mark } from './health-points.ts';
import { zonedText } from './zoned-times.ts';

/** CSS pixels to either side at which a mark is pointed at. */
const REACH = 6;
const DASH = [4, 4];
/** The foot of a mark, on the axis, by which it is seen though lines cross it. */
const FOOT = 5;

export type MarkInks = Readonly<Record<Mark['kind'], string>>;

interface MarkSettings {
  readonly marks: () => readonly Mark[];
  readonly inks: MarkInks;
  readonly zone: string;
}

export function markPlugin({ marks, inks, zone }: MarkSettings): uPlot.Plugin {
  const tip = document.createElement('div');
  tip.className = 'mark-tip';
  tip.hidden = true;
  let isPointed = false;
  return {
    hooks: {
      init: ({ over }) => {
        over.append(tip);
        over.addEventListener('mouseenter', () => {
          isPointed = true;
        });
        over.addEventListener('mouseleave', () => {
          isPointed = false;
          tip.hidden = true;
        });
      },
      draw: (plot) => drawMarks(plot, marks(), inks),
      setCursor: (plot) => {
        const near = isPointed ? nearest(plot, marks()) : undefined;
        tip.hidden = near === undefined;
        if (!near) return;
        tip.textContent = `${zonedText(near.at, zone)} ${near.text}`;
        placeTip(plot, tip, near);
      },
    },
  };
}

function drawMarks(plot: uPlot, marks: readonly Mark[], inks: MarkInks): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash(DASH.map((length) => length * devicePixelRatio));
  for (const { at, kind } of marks) {
    const x = Math.round(plot.valToPos(at / 1000, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = ctx.fillStyle = inks[kind];
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    drawFoot(ctx, x, bbox.top + bbox.height);
  }
  ctx.restore();
}

function drawFoot(ctx: CanvasRenderingContext2D, x: number, y: number): void {
  const size = FOOT * devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(x - size, y);
  ctx.lineTo(x + size, y);
  ctx.lineTo(x, y - size * 1.6);
  ctx.fill();
}

function nearest(plot: uPlot, marks: readonly Mark[]): Mark | undefined {
  const left = plot.cursor.left ?? Number.NEGATIVE_INFINITY;
  const distance = ({ at }: Mark): number => Math.abs(plot.valToPos(at / 1000, 'x') - left);
  const [closest] = [...marks].sort((a, b) => distance(a) - distance(b));
  return closest && distance(closest) <= REACH ? closest : undefined;
}

/** On the side of the mark where there is more room. */
function placeTip(plot: uPlot, tip: HTMLElement, { at }: Mark): void {
  const x = plot.valToPos(at / 1000, 'x');
  const isLeft = x > plot.over.clientWidth / 2;
  tip.style.left = isLeft ? '' : `${x + REACH}px`;
  tip.style.right = isLeft ? `${plot.over.clientWidth - x + REACH}px` : '';
  tip.style.maxWidth = `${Math.max(x, plot.over.clientWidth - x) - REACH}px`;
}
