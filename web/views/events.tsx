/** The newest lines of a flow's log: one plain sentence each, newest first. */
import type { LogEvent } from '../../db/model.ts';
import { t } from './language.ts';
import { Time } from './layout.tsx';
import type { FlowPage } from './props.ts';
import { pipelineName, words } from './words.ts';

export const RecentEvents = ({ page: { events } }: { page: FlowPage }) => (
  <div id="events" class="events">
    {events === undefined && <p class="empty">{t('The log cannot be read now. The server’s own log says why.')}</p>}
    {events?.length === 0 && <p class="empty">{t('Nothing has happened in the last 24 hours.')}</p>}
    {events !== undefined && events.length > 0 && (
      <ol>
        {events.map((event) => (
          <Line event={event} />
        ))}
      </ol>
    )}
    <p class="hint">{t('The newest 50 of the last 24 hours. The log keeps them for days.')}</p>
  </div>
);

const Line = ({ event }: { event: LogEvent }) => (
  <li class={words.isGrave(event) ? 'grave' : undefined}>
    <Time at={event.at} />
    <span class="where">{placeText(event)}</span>
    <span class="what">{words.logSentence(event)}</span>
  </li>
);

/** The name that it had then, after its pipeline. */
const placeText = ({ pipeline, role, name }: LogEvent): string =>
  pipeline === undefined ? (role === 'flow' ? t('Flow') : name) : `${pipelineName(pipeline)} · ${name}`;
