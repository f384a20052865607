/** What happened to the media of a flow lately: one plain sentence each, newest first. */
import type { MediaEvent, MediaEventCode } from '../../relay/contract/messages.ts';
import { Time } from './layout.tsx';
import { type FlowPage, regionName } from './props.ts';
import { words } from './words.ts';

/** A page shows the newest of them; the API has all that are kept. */
const MOST_SHOWN = 50;

/** After these something was lost, or is in danger. */
const grave: ReadonlySet<MediaEventCode> = new Set([
  'over-bandwidth',
  'capped',
  'dropped-to-slow-peer',
  'no-keyframe',
  'bad-media',
  'pipeline-failed',
  'pipeline-quarantined',
  'relay-ended',
  'relay-keeps-ending',
]);

export const RecentEvents = ({ page }: { page: FlowPage }) => {
  const shown = page.events.slice(0, MOST_SHOWN);
  return (
    <div id="events" class="events">
      {shown.length === 0 && <p class="empty">Nothing has happened since the server started.</p>}
      {shown.length > 0 && (
        <ol>
          {shown.map((event) => (
            <Line page={page} event={event} />
          ))}
        </ol>
      )}
      <p class="hint">
        {page.events.length > MOST_SHOWN
          ? `The newest ${MOST_SHOWN} of ${page.events.length}; the API lists them all. Kept since the server started.`
          : 'Kept since the server started.'}
      </p>
    </div>
  );
};

const Line = ({ page, event }: { page: FlowPage; event: MediaEvent }) => (
  <li class={isGrave(event) ? 'grave' : undefined}>
    <Time at={event.at} />
    <span class="where">
      {words.pipelines[event.pipeline]} · {endpointName(page, event.endpoint)}
    </span>
    <span class="what">{words.event(event)}</span>
  </li>
);

const isGrave = ({ code, facts }: MediaEvent): boolean =>
  grave.has(code) || (code === 'failover' && facts['cause'] === 'input-lost');

/** The name that an operator gave it, or what it is. */
function endpointName({ flow, regions }: FlowPage, id: string): string {
  if (id === 'input') return flow.input.name;
  if (id === 'hop') return 'from the input’s region';
  if (id === 'cross') return 'from the other pipeline';
  if (id.startsWith('hop:')) return `to ${regionName(regions, id.slice('hop:'.length))}`;
  return flow.outputs.find((output) => output.id === id)?.name ?? 'a former output';
}
