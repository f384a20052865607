/** Makes the fragments that server/http/live-log.ts sends to pages that follow the log. */
import { FollowEndPush, FreshPush, LogPush } from '../../web/views/log-push.tsx';
import { t } from '../../web/views/language.ts';
import type { LogRenderer } from './live-log.ts';

export const logRenderer: Omit<LogRenderer, 'speak'> = {
  log: (found) => (<LogPush list={found} />).toString(),
  fresh: (found, fresh) => (<FreshPush list={found} fresh={fresh} />).toString(),
  followEnd: (token, message) => (<FollowEndPush token={token} message={t(message)} />).toString(),
};
