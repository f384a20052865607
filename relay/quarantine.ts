/** Counts the falls of each pipeline, over restarts of the relay too, and holds back one that falls again and again. */
import { z } from 'zod';
import type { Culprit } from './black-box.ts';

export const MOST_FALLS = 3;
export const WITHIN_MS = 60_000;

const caseSchema = z.object({
  flowId: z.string(),
  pipeline: z.string(),
  /** The newest revision under which it fell. */
  revision: z.int(),
  /** Ms since the machine started. */
  falls: z.array(z.number()),
  held: z.boolean(),
});
type Case = z.infer<typeof caseSchema>;

export interface QuarantineTools {
  /** Ms since the machine started: a clock that goes on while the relay is started anew. */
  readonly now: () => number;
  /** Keeps the text for the next process. */
  readonly save: (text: string) => void;
}

export class Quarantine {
  readonly #tools: QuarantineTools;
  readonly #cases: Map<string, Case>;

  /** `saved` is what the process before kept; text that cannot be read counts as none. */
  constructor(tools: QuarantineTools, saved = '') {
    this.#tools = tools;
    this.#cases = new Map(parse(saved).map((it) => [keyOf(it), it]));
  }

  /** The pipeline fell: it threw, or the relay died or hung in it. Returns its falls within the last minute. */
  fell(culprit: Culprit): number {
    const now = this.#tools.now();
    const before = this.#cases.get(keyOf(culprit));
    // A fall later than now was before the machine was started anew.
    const falls = [...(before?.falls ?? []).filter((at) => at <= now && now - at < WITHIN_MS), now];
    const held = before?.held === true || falls.length >= MOST_FALLS;
    const revision = Math.max(culprit.revision, before?.revision ?? 0);
    this.#cases.set(keyOf(culprit), { ...culprit, revision, falls, held });
    this.#save();
    return falls.length;
  }

  isHeld(pipeline: Omit<Culprit, 'revision'>): boolean {
    return this.#cases.get(keyOf(pipeline))?.held ?? false;
  }

  /** An operator has stopped the flow, or changed it since: what was held back is tried again. */
  pardon(flowId: string, revision = Number.POSITIVE_INFINITY): void {
    const pardoned = [...this.#cases].filter(([, it]) => it.flowId === flowId && it.revision < revision);
    for (const [key] of pardoned) this.#cases.delete(key);
    if (pardoned.length > 0) this.#save();
  }

  #save(): void {
    this.#tools.save(JSON.stringify([...this.#cases.values()]));
  }
}

const keyOf = ({ flowId, pipeline }: Omit<Culprit, 'revision'>): string => `${flowId} ${pipeline}`;

function parse(saved: string): Case[] {
  try {
    return z.array(caseSchema).parse(JSON.parse(saved));
  } catch {
    // Absent, or torn by a full disk: the count begins anew.
    return [];
  }
}
