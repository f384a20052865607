/** Rules, webhooks and tokens that are really kept; what webhooks send is taken by nobody. Call it within a test. */
import type { RestAlarmsDeps } from '../../server/http/rest-alarms.ts';
import { openAlarmRules } from '../../server/alarm-rules.ts';
import { openScrapeTokens } from '../../server/scrape-tokens.ts';
import { openVault } from '../../server/vault.ts';
import { openWebhooks } from '../../server/webhooks.ts';
import { saveFlow } from '../../db/flows.ts';
import { emptyWatch } from './empty-watch.ts';
import { flow } from './samples.ts';
import { temporaryDatabase, temporaryFolder } from './temporary.ts';

/** Rules may be made for the sample flow. */
export async function keptWatch(): Promise<RestAlarmsDeps> {
  const folder = temporaryFolder();
  const database = await temporaryDatabase(folder);
  const seals = openVault(folder);
  await saveFlow(database.db, seals, flow());
  return {
    ...emptyWatch,
    alarmRules: await openAlarmRules({ database, hasFlow: (id) => id === flow().id, now: () => 1 }),
    scrapeTokens: await openScrapeTokens(database, undefined, () => 1),
    webhooks: await openWebhooks({
      database,
      seals,
      post: async () => ({ ok: true, answer: '200' }),
      now: () => 1,
      random: () => 0,
      complain: () => undefined,
    }),
  };
}
