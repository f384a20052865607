/** What may be sent about alarms: rules, webhooks and scrape tokens, as schemas with words for people. */
import { z } from 'zod';
import { alarmKinds } from '../db/alarm-model.ts';
import { clearRange, holdRange } from './alarm-kinds.ts';

export { alarmKinds } from '../db/alarm-model.ts';

const MOST_URL = 2048;

const name = (what: string) =>
  z
    .string({ error: `${what} is a line of text.` })
    .trim()
    .min(1, `${what} is not empty.`)
    .max(64, `${what} has 64 characters at most.`)
    .regex(/^\P{Cc}*$/u, `${what} has no control characters.`);

const span = ({ min, max }: { readonly min: number; readonly max: number }) => {
  const words = `A whole number of milliseconds, ${min} to ${max}.`;
  return z.int(words).min(min, words).max(max, words);
};

export const alarmKindSchema = z.enum(alarmKinds, { error: 'There is no such kind of alarm.' });

export const ruleDraftSchema = z
  .object({
    kind: alarmKindSchema,
    flowId: z.string().max(64).optional().describe('Absent: for all flows that have no rule of their own'),
    enabled: z.boolean().default(true),
    threshold: z.number('A number.').optional().describe('A ratio for loss, bit/s for bit rates'),
    holdMs: span(holdRange).optional().describe('How long it must be wrong; absent: as is usual for the kind'),
    clearMs: span(clearRange).optional().describe('How long it must be well again'),
  })
  .strict();

export const ruleEditSchema = ruleDraftSchema.omit({ kind: true, flowId: true, enabled: true }).extend({
  enabled: z.boolean().optional(),
});

const url = z
  .string({ error: 'A URL.' })
  .max(MOST_URL, `A URL has ${MOST_URL} characters at most.`)
  .refine(isCallable, { error: 'The URL begins with http:// or https:// and has no user name and no password.' });

const kinds = z
  .array(alarmKindSchema)
  .min(1, 'Choose at least one kind, or all of them.')
  .nullable()
  .describe('null: alarms of all kinds');

export const webhookDraftSchema = z
  .object({ name: name('A name'), url, kinds: kinds.default(null), enabled: z.boolean().default(true) })
  .strict();

export const webhookEditSchema = z
  .object({ name: name('A name'), url, kinds, enabled: z.boolean() })
  .partial()
  .strict();

export const scrapeTokenDraftSchema = z.object({ name: name('A name') }).strict();

export type RuleDraft = z.output<typeof ruleDraftSchema>;
export type RuleEdit = z.output<typeof ruleEditSchema>;
export type WebhookDraft = z.output<typeof webhookDraftSchema>;
export type WebhookEdit = z.output<typeof webhookEditSchema>;

function isCallable(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return ['http:', 'https:'].includes(protocol) && username === '' && password === '';
}
