/** The same doings with rules, webhooks and tokens, each told once it has succeeded. No URL and no secret is told. */
import type { AlarmRules } from './alarm-rules.ts';
import type { ScrapeTokens } from './scrape-tokens.ts';
import type { Webhooks } from './webhooks.ts';

type Say = (what: string, detail: Record<string, unknown>) => void;

async function told<T>(
  say: Say,
  what: string,
  doing: Promise<T>,
  detailOf: (done: T) => Record<string, unknown>,
): Promise<T> {
  const done = await doing;
  say(what, detailOf(done));
  return done;
}

export const tellingRules = (rules: AlarmRules, say: Say): AlarmRules => ({
  ...rules,
  create: (draft) =>
    told(say, 'alarm rule created', rules.create(draft), ({ id, kind, flowId }) => ({ id, kind, flowId })),
  edit: (ruleId, edit) =>
    told(say, 'alarm rule edited', rules.edit(ruleId, edit), ({ id, kind }) => ({
      id,
      kind,
      fields: Object.keys(edit),
    })),
  remove: (ruleId) => told(say, 'alarm rule deleted', rules.remove(ruleId), () => ({ id: ruleId })),
});

export const tellingWebhooks = (webhooks: Webhooks, say: Say): Webhooks => ({
  ...webhooks,
  create: (draft) =>
    told(say, 'webhook created', webhooks.create(draft), ({ webhook: { id, name } }) => ({ id, name })),
  edit: (webhookId, edit) =>
    told(say, 'webhook edited', webhooks.edit(webhookId, edit), ({ id }) => ({ id, fields: Object.keys(edit) })),
  renewSecret: (webhookId) =>
    told(say, 'webhook secret renewed', webhooks.renewSecret(webhookId), () => ({ id: webhookId })),
  remove: (webhookId) => told(say, 'webhook deleted', webhooks.remove(webhookId), () => ({ id: webhookId })),
});

export const tellingTokens = (tokens: ScrapeTokens, say: Say): ScrapeTokens => ({
  ...tokens,
  create: (name) => told(say, 'scrape token created', tokens.create(name), ({ id }) => ({ id, name })),
  remove: (tokenId) => told(say, 'scrape token deleted', tokens.remove(tokenId), () => ({ id: tokenId })),
});
