/** The newest lines of a flow's log: one plain sentence each, newest first. */
import type { LogEvent } from '../../db/model.ts';
import { Time } from './layout.tsx';
import type { FlowPage } from './props.ts';
import { words } from './words.ts';

export const RecentEvents = ({ page: { events } }: { page: FlowPage }) => (
  <div id="events" class="events">
    {events === undefined && <p class="empty">The log cannot be read now. The server’s own log says why.</p>}
    {events?.length === 0 && <p class="empty">Nothing has happened in the last 24 hours.</p>}
    {events !== undefined && events.length > 0 && (
      <ol>
        {events.map((event) => (
          <Line event={event} />
        ))}
      </ol>
    )}
    <p class="hint">The newest 50 of the last 24 hours. The log keeps them for days.</p>
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
  pipeline === undefined ? (role === 'flow' ? 'Flow' : name) : `${words.pipelines[pipeline]} · ${name}`;
