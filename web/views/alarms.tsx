/** Alarms: those that fire, and those that are over. */
import type { Child } from 'hono/jsx';
import { Time } from './layout.tsx';
import { Pill } from './live-end.tsx';
import { type AlarmView, tabUrl } from './props.ts';
import type { Tone } from './status.ts';
import { lastingText } from './units.ts';

const sections = [
  { id: 'alarms', path: '/alarms', name: 'Alarms' },
  { id: 'rules', path: '/alarms/rules', name: 'Rules' },
  { id: 'webhooks', path: '/alarms/webhooks', name: 'Webhooks' },
] as const;

export type AlarmSection = (typeof sections)[number]['id'];

/** The frame of all pages about alarms. */
export const AlarmFrame = ({
  section,
  action,
  children,
}: {
  section: AlarmSection;
  action?: Child;
  children?: Child;
}) => (
  <>
    <div class="head">
      <h1>Alarms</h1>
      {action}
    </div>
    <nav class="tabs" aria-label="Alarms">
      {sections.map(({ id, path, name }) => (
        <a id={`tab-${id}`} href={path} aria-current={id === section ? 'page' : undefined}>
          {name}
        </a>
      ))}
    </nav>
    <div class="panel">{children}</div>
  </>
);

export interface AlarmsProps {
  /** Oldest first. */
  readonly firing: readonly AlarmView[];
  /** Newest first. */
  readonly over: readonly AlarmView[];
  /** The page that goes on where this one ends. */
  readonly older?: string;
}

export const AlarmsPage = (props: AlarmsProps) => (
  <AlarmFrame section="alarms">
    <FiringAlarms firing={props.firing} />
    <PastAlarms {...props} />
  </AlarmFrame>
);

/** What is pushed as it changes. */
export const FiringAlarms = ({ firing }: { firing: readonly AlarmView[] }) => (
  <section id="alarms-firing" class="card" aria-labelledby="firing-title">
    <h2 id="firing-title">Now</h2>
    {firing.length === 0 ? (
      <p class="empty">
        <Pill tone="ok" word="No alarm" /> Nothing that a rule watches is wrong.
      </p>
    ) : (
      <ul class="alarms">
        {firing.toReversed().map((alarm) => (
          <FiringAlarm alarm={alarm} />
        ))}
      </ul>
    )}
  </section>
);

const FiringAlarm = ({ alarm }: { alarm: AlarmView }) => (
  <li id={`alarm-${alarm.id}`}>
    <p class="state">
      <Pill tone={toneOf(alarm)} word={alarm.text} />
      <Place alarm={alarm} />
    </p>
    <p class="note">
      Since <Time at={alarm.since} />
      {alarm.acknowledgedAt !== undefined && (
        <>
          {' · '}acknowledged by {alarm.acknowledgedBy} <Time at={alarm.acknowledgedAt} />
        </>
      )}
    </p>
    {alarm.acknowledgedAt === undefined && <AcknowledgeButton alarm={alarm} />}
  </li>
);

const AcknowledgeButton = ({ alarm }: { alarm: AlarmView }) => {
  const action = `/alarms/${alarm.id}/acknowledge`;
  return (
    <form
      method="post"
      action={action}
      hx-post={action}
      hx-target="#alarms-firing"
      hx-swap="outerHTML"
      hx-disable="find button"
    >
      <button class="button small" id={`acknowledge-${alarm.id}`} type="submit">
        Acknowledge<span class="sr">: {alarm.text}</span>
      </button>
    </form>
  );
};

/** The flow by name, and where in it; or the relay, or the server. */
const Place = ({ alarm }: { alarm: AlarmView }) => (
  <span class="where">
    {alarm.flowId !== undefined && (
      <>
        <a href={tabUrl(alarm.flowId, 'information')}>{alarm.flowName}</a>
        {': '}
      </>
    )}
    {alarm.place}
  </span>
);

const toneOf = ({ acknowledgedAt }: AlarmView): Tone => (acknowledgedAt === undefined ? 'bad' : 'wait');

const ends = { recovered: 'recovered', stopped: 'flow stopped or rule changed' } as const;

const PastAlarms = ({ over, older }: AlarmsProps) => (
  <section id="alarms-over" class="card" aria-labelledby="over-title">
    <h2 id="over-title">History</h2>
    {over.length === 0 && <p class="empty">No alarm has come and gone yet.</p>}
    {over.length > 0 && (
      <div class="health-table">
        <table>
          <thead>
            <tr>
              {['Alarm', 'Where', 'From', 'For', 'Ended', 'Acknowledged'].map((name) => (
                <th scope="col">{name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {over.map((alarm) => (
              <PastAlarm alarm={alarm} />
            ))}
          </tbody>
        </table>
      </div>
    )}
    <p class="hint">Kept for 30 days, 10,000 at most.</p>
    {older && (
      <a class="button small" id="older-alarms" href={older}>
        Older
      </a>
    )}
  </section>
);

const PastAlarm = ({ alarm }: { alarm: AlarmView }) => (
  <tr>
    <th scope="row">{alarm.text}</th>
    <td>
      <Place alarm={alarm} />
    </td>
    <td>
      <Time at={alarm.since} />
    </td>
    <td>{lastingText((alarm.clearedAt ?? alarm.since) - alarm.since)}</td>
    <td>{alarm.clearedBy && ends[alarm.clearedBy]}</td>
    <td>{alarm.acknowledgedBy ?? '–'}</td>
  </tr>
);

/** On a flow's own page and in the list: what fires there, in one line each. */
export const FlowAlarms = ({ alarms }: { alarms: readonly AlarmView[] | undefined }) =>
  !alarms || alarms.length === 0 ? null : (
    <ul class="flow-alarms" aria-label="Alarms">
      {alarms.map((alarm) => (
        <li>
          <Pill tone={toneOf(alarm)} word={alarm.text} /> <span>{alarm.place}</span>
        </li>
      ))}
    </ul>
  );
