/** What is sent to open pages that follow the log. */
import { t } from './language.ts';
import { Pill } from './live-end.tsx';
import { LogList, type LogLine, type LogListView, LogLive, LogNext, LogRows } from './log-answer.tsx';
import { Partial } from './push.tsx';

/** All that is shown, and that it is live from now on. */
export const LogPush = ({ list }: { list: LogListView }) => (
  <>
    <Partial target={placeOf('log-list', list)}>
      <LogList list={list} />
    </Partial>
    <Partial target={placeOf('log-live', list)}>
      <LogLive token={list.token} following="live" />
    </Partial>
    <NextPush list={list} />
  </>
);

/** What is new above what is shown. */
export const FreshPush = ({ list, fresh }: { list: LogListView; fresh: readonly LogLine[] }) => (
  <>
    <Partial target={`${placeOf('log-list', list)} #log-rows`} swap="afterbegin">
      <LogRows events={fresh} />
    </Partial>
    <NextPush list={list} />
  </>
);

/** Why it cannot be followed any more. */
export const FollowEndPush = ({ token, message }: { token: string; message: string }) => (
  <Partial target={placeOf('log-live', { token })} swap="innerHTML">
    <Pill tone="bad" word={t('Not followed: {message}', { message })} />
  </Partial>
);

const NextPush = ({ list }: { list: LogListView }) => (
  <Partial target={`#log-answer:has([data-token="${list.token}"]) #log-next`}>
    <LogNext list={list} />
  </Partial>
);

const placeOf = (id: string, { token }: { readonly token: string }): string => `#${id}[data-token="${token}"]`;
