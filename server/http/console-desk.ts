/** What the parts of the console are handed. */
import type { Context } from 'hono';
import type { PublicPlaces } from '../addresses.ts';
import type { AlarmRules } from '../alarm-rules.ts';
import type { AlarmDesk } from '../alarms.ts';
import type { Flows } from '../flows.ts';
import type { HealthDesk } from '../health.ts';
import type { LogDesk } from '../log-desk.ts';
import type { LiveFlow, Monitor } from '../monitor.ts';
import type { Previews } from '../previews.ts';
import type { RecentLog } from '../recent-log.ts';
import type { Sessions } from '../sessions.ts';
import type { SettingsDesk } from '../settings-desk.ts';
import type { WaitingFlows } from '../waiting-flows.ts';
import type { Webhooks } from '../webhooks.ts';
import type { Answer } from './console-answers.tsx';

export interface ConsoleDeps extends PublicPlaces {
  readonly alarms: AlarmDesk;
  readonly alarmRules: AlarmRules;
  readonly webhooks: Webhooks;
  readonly flows: Flows;
  readonly monitor: Monitor;
  readonly health: HealthDesk;
  readonly previews: Previews;
  readonly recent: RecentLog;
  readonly log: LogDesk;
  readonly sessions: Sessions;
  readonly settings: SettingsDesk;
  /** Flows without an input, which are shown and no more. */
  readonly waiting?: Pick<WaitingFlows, 'list'>;
  /** True when operators reach the console by https. */
  readonly secureCookies: boolean;
  /** The caller's address, for the limit on guessed passwords. */
  readonly addressOf: (c: Context) => string;
  /** Stands in the URLs of static files; new for each release. */
  readonly version: string;
}

/** What the parts of the console share. */
export interface Desk extends ConsoleDeps {
  readonly answer: Answer;
  /** The flow with what is true of it now; a Refusal `flow-not-found` where there is none. */
  readonly look: (c: Context) => Promise<LiveFlow>;
}
