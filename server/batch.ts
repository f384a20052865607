/** The same order to many flows at once, each with a result of its own: one that is refused does not hold up the others. */
import { z } from 'zod';
import type { Flow } from '../db/model.ts';
import type { Flows } from './flows.ts';
import { Refusal } from './refusal.ts';

export const batchActions = ['start', 'stop', 'delete'] as const;

/** A revision that is named must be the one of now. */
export const batchSchema = z
  .object({
    action: z.enum(batchActions),
    flows: z
      .array(z.object({ id: z.string().max(64), revision: z.int().optional() }).strict())
      .min(1, 'Name at least one flow.')
      .max(200, 'Name 200 flows or fewer.'),
  })
  .strict();

export type BatchWish = z.output<typeof batchSchema>;

export interface BatchResult {
  readonly id: string;
  /** The flow as it is then; absent where it was refused, or is deleted. */
  readonly flow?: Flow;
  readonly refusal?: Refusal;
}

/** In the order of the wish. Rejects only with what is a fault of the server. */
export const runBatch = (flows: Flows, { action, flows: wanted }: BatchWish): Promise<BatchResult[]> =>
  // Rules run one after the other all the same; it is the waiting for relays that goes on side by side.
  Promise.all(
    wanted.map(async ({ id, revision }) => {
      try {
        const flow = await flows[action](id, { expectedRevision: revision });
        return flow ? { id, flow } : { id };
      } catch (error) {
        if (error instanceof Refusal) return { id, refusal: error };
        throw error;
      }
    }),
  );
