/** Settings: what this installation is made of, and what may be done to it. */
import type { Region } from '../../db/model.ts';
import type { Pipeline } from '../../relay/contract/settings.ts';
import { Confirm, dialogLink } from './confirm.tsx';
import { Fact } from './fact.tsx';
import { language, languages, t } from './language.ts';
import { Time } from './layout.tsx';
import { Pill } from './live-end.tsx';
import { regionName, tabUrl } from './props.ts';
import { bytesText, durationText, lastingText, percentText } from './units.ts';
import { words } from './words.ts';

/** One relay as the server knows it. See server/settings-desk.ts. */
export interface RelayShown {
  readonly relayId: string;
  readonly regionId: string;
  readonly isRunning: boolean;
  readonly isSilent: boolean;
  readonly isWhole: boolean;
  readonly isNeeded: boolean;
  readonly heardAgoMs: number;
  readonly pid: number | undefined;
  readonly process:
    | {
        readonly startedAt: number;
        readonly cpuSeconds: number;
        readonly residentBytes: number;
        readonly eventLoopBusyRatio: number;
      }
    | undefined;
  readonly flows: readonly { readonly id: string; readonly name: string; readonly pipeline: Pipeline }[];
}

export interface InstallationShown {
  readonly regions: readonly Region[];
  readonly relays: readonly RelayShown[];
  readonly progress: {
    readonly current: string | undefined;
    readonly waiting: readonly string[];
    readonly done: readonly {
      readonly relayId: string;
      readonly outcome: 'restarted' | 'not-back' | 'not-whole' | 'left-out';
      readonly gapMs?: number;
    }[];
  };
  readonly retentionDays: number;
  readonly files: readonly {
    readonly name: 'health' | 'log';
    readonly bytes: number | undefined;
    readonly failingSince: number | undefined;
  }[];
  readonly version: string;
  readonly startedAt: number;
}

interface Props {
  readonly installation: InstallationShown;
  readonly at: number;
}

export const SettingsPage = ({ installation, at }: Props) => (
  <>
    <div class="head">
      <h1>{t('Settings')}</h1>
    </div>
    <div class="panel">
      <Relays installation={installation} at={at} />
      <Keeping installation={installation} />
      <Languages />
      <About installation={installation} />
    </div>
  </>
);

/** While relays are restarted the card asks for itself anew each second, so that its reader sees how far it is. */
const Relays = ({ installation, at }: Props) => {
  const { relays, regions, progress } = installation;
  const isUnderWay = progress.current !== undefined;
  const running = relays.filter(({ isRunning }) => isRunning);
  return (
    <section
      class="card"
      id="relays"
      aria-labelledby="relays-title"
      {...(isUnderWay && {
        'hx-get': '/settings',
        'hx-trigger': 'load delay:1s',
        'hx-select': '#relays',
        'hx-swap': 'outerHTML',
      })}
    >
      <div class="card-head">
        <h2 id="relays-title">{t('Regions and relays')}</h2>
        {running.length > 1 && !isUnderWay && (
          <a class="button small" id="restart-relays" href={restartUrl()} {...dialogLink(restartUrl())}>
            {t('Restart all in order')}
          </a>
        )}
      </div>
      <Progress progress={progress} />
      {relays.length === 0 && (
        <p class="empty">{t('No relay runs yet. Two of a region are started when its first flow is.')}</p>
      )}
      <ul class="relays">
        {relays.map((relay) => (
          <Relay relay={relay} regions={regions} at={at} isUnderWay={isUnderWay} />
        ))}
      </ul>
      <Unused installation={installation} />
    </section>
  );
};

const restartUrl = (relayId?: string): string =>
  relayId === undefined ? '/settings/relays/restart' : `/settings/relays/${relayId}/restart`;

interface RelayProps {
  readonly relay: RelayShown;
  readonly regions: readonly Region[];
  readonly at: number;
  readonly isUnderWay: boolean;
}

const Relay = ({ relay, regions, at, isUnderWay }: RelayProps) => {
  const { relayId, process } = relay;
  const state = stateOf(relay);
  return (
    <li>
      <div class="who">
        <h3>{relayId}</h3>
        <p class="meta">{regionName(regions, relay.regionId)}</p>
        <p>
          <Pill tone={state.tone} word={state.word} /> <span>{state.sentence}</span>
        </p>
      </div>
      <dl class="figures">
        <div>
          <dt>{t('Where')}</dt>
          <dd>{relay.pid === undefined ? t('This host') : t('This host, process {pid}', { pid: relay.pid })}</dd>
        </div>
        <div>
          <dt>{t('Memory')}</dt>
          <dd>{process ? bytesText(process.residentBytes) : t('Not reported')}</dd>
        </div>
        <div>
          <dt>{t('Processor since its start')}</dt>
          <dd>
            {process ? t('{share} of one core', { share: percentText(cpuShare(process, at)) }) : t('Not reported')}
          </dd>
        </div>
        <div>
          <dt>{t('Busy in the last second')}</dt>
          <dd>{process ? percentText(process.eventLoopBusyRatio) : t('Not reported')}</dd>
        </div>
      </dl>
      <div class="flows">
        <Flows relay={relay} />
      </div>
      {relay.isRunning && !isUnderWay && (
        <a
          class="button small"
          id={`restart-${relayId}`}
          href={restartUrl(relayId)}
          {...dialogLink(restartUrl(relayId))}
        >
          {t('Restart')}
          <span class="sr"> {relayId}</span>
        </a>
      )}
    </li>
  );
};

const cpuShare = (process: NonNullable<RelayShown['process']>, at: number): number =>
  process.cpuSeconds / Math.max(1, (at - process.startedAt) / 1000);

const Flows = ({ relay: { flows } }: { relay: RelayShown }) =>
  flows.length === 0 ? (
    <p class="meta">{t('It carries no flow now.')}</p>
  ) : (
    <ul>
      {flows.map(({ id, name, pipeline }) => (
        <li>
          <a href={tabUrl(id, 'information')}>{name}</a> <span class="meta">{t(words.pipelines[pipeline])}</span>
        </li>
      ))}
    </ul>
  );

function stateOf({ isRunning, isSilent, isWhole, isNeeded, heardAgoMs }: RelayShown) {
  if (isRunning && !isSilent)
    return isWhole
      ? ({ tone: 'ok', word: t('Reporting'), sentence: '' } as const)
      : ({ tone: 'wait', word: t('Starting'), sentence: t('It does not run all its flows yet.') } as const);
  if (!isNeeded)
    return { tone: 'idle', word: t('Not needed'), sentence: t('It is started when a flow needs it.') } as const;
  return {
    tone: 'bad',
    word: t('Silent'),
    sentence: t('Not heard for {time}.', { time: lastingText(heardAgoMs) }),
  } as const;
}

const Progress = ({ progress: { current, waiting, done } }: Pick<InstallationShown, 'progress'>) =>
  current === undefined && done.length === 0 ? null : (
    <div class="restart">
      {current !== undefined && (
        <p>
          <strong>{t('Restarting {relay}.', { relay: current })}</strong>{' '}
          {waiting.length > 0 && t('Then, one after the other: {relays}.', { relays: waiting.join(', ') })}
        </p>
      )}
      <ul>
        {done.map(({ relayId, outcome, gapMs }) => (
          <li>{t(outcomes[outcome], { relay: relayId, time: gapMs === undefined ? '' : durationText(gapMs) })}</li>
        ))}
      </ul>
    </div>
  );

const outcomes = {
  restarted: '{relay} was restarted; all that it carried moved again after {time}.',
  'not-back':
    '{relay} did not come back within 20 s. Its log in the data folder says why. The others were not touched.',
  'not-whole':
    '{relay} is back, but within 30 s not all moved again that it carried. Look at its flows. The others were not touched.',
  'left-out': '{relay} was not restarted, because another relay was not whole.',
} as const;

const Unused = ({ installation: { regions, relays } }: { installation: InstallationShown }) => {
  const idle = regions.filter(({ id }) => !relays.some(({ regionId }) => regionId === id));
  if (idle.length === 0) return null;
  return (
    <p class="hint">
      {t('Regions without a relay now: {names}. Regions are edited in regions.json in the data folder.', {
        names: idle.map(({ name }) => name).join(', '),
      })}
    </p>
  );
};

const Keeping = ({ installation: { retentionDays, files } }: { installation: InstallationShown }) => (
  <section class="card" aria-labelledby="keeping-title">
    <h2 id="keeping-title">{t('Retention')}</h2>
    <dl class="facts">
      <Fact name={t('Kept for')}>
        {t('{days} days', { days: retentionDays })} <span class="meta">(STREAMLINK_RETENTION_DAYS)</span>
      </Fact>
      {files.map(({ name, bytes, failingSince }) => (
        <Fact name={t(name === 'health' ? 'Health on disk' : 'Log on disk')}>
          {bytes === undefined ? t('Not known') : bytesText(bytes)}{' '}
          {failingSince === undefined ? (
            <Pill tone="ok" word={t('Written')} />
          ) : (
            <>
              <Pill tone="bad" word={t('Not written')} /> {t('since')} <Time at={failingSince} />
            </>
          )}
        </Fact>
      ))}
    </dl>
  </section>
);

const Languages = () => (
  <section class="card" aria-labelledby="language-title">
    <h2 id="language-title">{t('Language and time')}</h2>
    <form method="post" action="/language" class="actions">
      {Object.entries(languages).map(([tag, name]) => (
        <button
          type="submit"
          class="button small"
          name="language"
          value={tag}
          lang={tag}
          aria-pressed={tag === language() ? 'true' : 'false'}
        >
          {name}
        </button>
      ))}
    </form>
    <p class="hint">
      {t('Times are shown in the time zone of your browser. On the Log and Health tabs another zone can be chosen.')}
    </p>
  </section>
);

const About = ({ installation: { version, startedAt } }: { installation: InstallationShown }) => (
  <section class="card" aria-labelledby="about-title">
    <h2 id="about-title">{t('This server')}</h2>
    <dl class="facts">
      <Fact name={t('Version')}>StreamLink {version}</Fact>
      <Fact name={t('Running since')}>
        <Time at={startedAt} />
      </Fact>
      <Fact name={t('Programs')}>
        <a href="/api/v1/openapi.json">{t('Description of the API (OpenAPI)')}</a>
      </Fact>
    </dl>
  </section>
);

interface RestartProps {
  readonly relays: readonly RelayShown[];
  readonly all: boolean;
  readonly refusal?: string;
}

/** What a restart interrupts, said before it is done. */
export const RestartPage = ({ relays, all, refusal }: RestartProps) => {
  const [first] = relays;
  return (
    <Confirm
      title={
        all
          ? t('Restart all relays, one after the other?')
          : t('Restart relay {relay}?', { relay: first?.relayId ?? '' })
      }
      action={restartUrl(all ? undefined : first?.relayId)}
      verb={t('Restart')}
      back="/settings"
      refusal={refusal}
    >
      {relays.some(({ flows }) => flows.length > 0) ? (
        <div>
          <p>{t('Each of these pipelines is interrupted once:')}</p>
          <ul class="losing">
            {relays.flatMap(({ flows }) =>
              flows.map(({ name, pipeline }) => (
                <li>
                  {name}: {t(words.pipelines[pipeline])}
                </li>
              )),
            )}
          </ul>
        </div>
      ) : (
        <p>{t('No flow runs on it, so nothing is interrupted.')}</p>
      )}
      <p>
        {t(
          'A relay is back within about 2 s; its media moves again as soon as the encoders have called anew. The next relay is touched only then, so that primary and backup of a flow are never interrupted together. A flow that is pushed to one pipeline alone is off the air meanwhile.',
        )}
      </p>
    </Confirm>
  );
};
