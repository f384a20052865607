/** Alarms, rules, webhooks and tokens of a server in which nothing has happened. */
import { Refusal } from '../../server/refusal.ts';
import type { RestAlarmsDeps } from '../../server/http/rest-alarms.ts';

const none = (code: ConstructorParameters<typeof Refusal>[0]) => (): never => {
  throw new Refusal(code);
};

export const emptyWatch: RestAlarmsDeps = {
  alarms: {
    firing: () => [],
    history: async () => [],
    get: none('alarm-not-found'),
    acknowledge: none('alarm-not-found'),
    look: () => undefined,
    subscribe: () => () => undefined,
    prune: async () => undefined,
    close: async () => undefined,
  },
  alarmRules: {
    list: () => [],
    get: none('alarm-rule-not-found'),
    create: none('too-many-alarm-rules'),
    edit: none('alarm-rule-not-found'),
    remove: none('alarm-rule-not-found'),
  },
  webhooks: {
    list: () => [],
    get: none('webhook-not-found'),
    create: none('too-many-webhooks'),
    edit: none('webhook-not-found'),
    renewSecret: none('webhook-not-found'),
    remove: none('webhook-not-found'),
    test: none('webhook-not-found'),
    deliveries: none('webhook-not-found'),
    compose: () => [],
    enqueue: () => undefined,
    figures: () => [],
    prune: async () => undefined,
    close: () => undefined,
  },
  scrapeTokens: {
    isValid: () => false,
    list: () => [],
    create: none('too-many-scrape-tokens'),
    remove: none('scrape-token-not-found'),
  },
};
