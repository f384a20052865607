/** How a state looks: a shape, a word, and what was measured. Never colour alone. */
import type { EndpointStatus } from '../../relay/contract/messages.ts';
import type { Protocol } from '../../relay/contract/settings.ts';
import { DoctorLine, foundAt } from './doctor-line.tsx';
import { Icon } from './icon.tsx';
import { around, t } from './language.ts';
import { Time } from './layout.tsx';
import type { EndNow, FlowPage } from './props.ts';
import type { End, Status, Tone } from './status.ts';
import { LatencyAdvice } from './latency-advice.tsx';
import { TrackList } from './tracks.tsx';
import { bandwidthText, bitrateText, countText, lastingText, hostPort, msText } from './units.ts';
import { words } from './words.ts';

export const Pill = ({ tone, word }: { tone: Tone; word: string }) => (
  <span class={`pill ${tone}`}>
    <i aria-hidden="true" />
    {word}
  </span>
);

/** A word in a frame: what is on air, and the like. */
export const Mark = ({ word }: { word: string }) => <span class="mark">{word}</span>;

export interface LiveEndProps {
  readonly id: string;
  readonly page: FlowPage;
  readonly end: Pick<End, 'id' | 'pipeline'>;
  readonly status: Status;
  readonly protocol: Protocol;
  readonly mark?: string;
}

/** Everything that is known of one end now. */
export const LiveEnd = ({ id, page, end, status, protocol, mark }: LiveEndProps) => {
  const found = foundAt(page, end);
  return (
    <div id={id} class={`live-end ${status.tone}`}>
      <p class="state">
        <Pill tone={status.tone} word={status.word} />
        {mark && <Mark word={mark} />}
        <span>{status.sentence}</span>
      </p>
      <DoctorLine found={found} />
      {status.endpoint && (
        <Report
          id={id}
          endpoint={status.endpoint}
          reading={page.readings.find((it) => it.id === end.id && it.pipeline === end.pipeline)}
          protocol={protocol}
          cap={page.flow.maxBitrate}
          now={page.at}
          saysIncident={found?.saysIncident ?? false}
        />
      )}
    </div>
  );
};

interface ReportProps {
  readonly id: string;
  readonly endpoint: EndpointStatus;
  /** Absent while nothing was measured: what it tells is then not known. */
  readonly reading: EndNow | undefined;
  readonly protocol: Protocol;
  /** The flow's maximum bandwidth in bit/s. */
  readonly cap: number;
  /** Epoch ms. */
  readonly now: number;
  /** The doctor has said what happened last. */
  readonly saysIncident: boolean;
}

type EndProps = Pick<ReportProps, 'endpoint' | 'protocol'>;

const Report = ({ id, endpoint, reading, protocol, cap, now, saysIncident }: ReportProps) => (
  <>
    {endpoint.over && (
      <p class="warning">
        <Icon name="alert" />
        {t("Above the flow's maximum bandwidth of {limit}.", { limit: bandwidthText(cap) })}
      </p>
    )}
    {endpoint.state === 'connected' && <Bitrate endpoint={endpoint} cap={cap} />}
    {endpoint.retryAt !== undefined && endpoint.state === 'waiting' && (
      <p class="note">
        {around('Next attempt in {time} ({at})', {
          time: lastingText(endpoint.retryAt - now),
          at: <Time at={endpoint.retryAt} />,
        })}
      </p>
    )}
    <Facts endpoint={endpoint} reading={reading} protocol={protocol} now={now} />
    {endpoint.peer && reading && <TrackList tracks={reading.tracks} />}
    {endpoint.peer && reading?.latency && <LatencyAdvice id={id} role={endpoint.role} latency={reading.latency} />}
    <Losses endpoint={endpoint} protocol={protocol} />
    {!saysIncident && <LastIncident endpoint={endpoint} protocol={protocol} />}
  </>
);

const Bitrate = ({ endpoint, cap }: Pick<ReportProps, 'endpoint' | 'cap'>) => (
  <p class="bitrate">
    <strong>{bitrateText(endpoint.bitrate)}</strong>
    <meter
      min={0}
      max={cap}
      high={cap}
      value={Math.min(endpoint.bitrate, cap)}
      aria-label={t('Share of the maximum bandwidth')}
    />
    <span class="of">{t('of {limit}', { limit: bandwidthText(cap) })}</span>
  </p>
);

/** Of a peer that is there: what is agreed with it, and how the link does. */
const Facts = ({
  endpoint,
  reading,
  protocol,
  now,
}: Pick<ReportProps, 'endpoint' | 'reading' | 'protocol' | 'now'>) => (
  <dl class="figures">
    <div>
      <dt>{endpoint.state === 'connected' ? t('Connected since') : t('Like this since')}</dt>
      <dd>
        <Time at={endpoint.since} /> ({lastingText(now - endpoint.since)})
      </dd>
    </div>
    {(endpoint.peer || endpoint.state === 'connected') && (
      <>
        <Figure name={t('Peer')} value={endpoint.peer && hostPort(endpoint.peer.address, endpoint.peer.port)} />
        {protocol === 'srt' && <SrtFigures endpoint={endpoint} />}
        {endpoint.queueMs !== undefined && endpoint.queueMs > 0 && (
          <Figure name={t('Waiting to be sent')} value={msText(endpoint.queueMs)} />
        )}
        {reading?.values['frameAgeMs'] !== undefined && (
          <Figure name={t('Last frame')} value={ageText(reading.values['frameAgeMs'])} />
        )}
      </>
    )}
    {endpoint.reconnects !== undefined && (
      <Figure name={t('Reconnects since the start')} value={countText(endpoint.reconnects)} />
    )}
  </dl>
);

/** Frames are looked for once a second, so that an age below that is no figure. */
const ageText = (ageMs: number): string =>
  ageMs < 1000 ? t('Less than 1 s ago') : t('{time} ago', { time: lastingText(ageMs) });

/** What SRT alone measures or agrees on. */
const SrtFigures = ({ endpoint }: { endpoint: EndpointStatus }) => (
  <>
    <Figure name={t('RTT')} value={endpoint.rttMs === undefined ? undefined : msText(endpoint.rttMs)} />
    <Figure
      name={t('Latency agreed')}
      value={endpoint.latencyMs === undefined ? undefined : msText(endpoint.latencyMs)}
    />
    <Figure name={t('Encryption in use')} value={encryptionText(endpoint.keyLength)} />
  </>
);

const Figure = ({ name, value }: { name: string; value?: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value ?? t('Not reported')}</dd>
  </div>
);

const Losses = ({ endpoint, protocol }: EndProps) =>
  endpoint.dropped > 0 || endpoint.lost > 0 ? (
    <p class="losses">
      {endpoint.dropped > 0 && <span>{t('{what} dropped', { what: unitsText(endpoint.dropped, protocol) })}</span>}
      {endpoint.lost > 0 && <span>{t('{what} lost on the way', { what: unitsText(endpoint.lost, protocol) })}</span>}
    </p>
  ) : null;

function unitsText(count: number, protocol: Protocol): string {
  const [one, many] = words.units[protocol];
  return t('{count} {things}', { count: countText(count), things: t(count === 1 ? one : many) });
}

const LastIncident = ({ endpoint, protocol }: EndProps) => {
  if (!endpoint.incident) return null;
  const { code, at, peer } = endpoint.incident;
  const sentence = words.incidents[endpoint.role][protocol][code];
  return (
    <p class="incident">
      <span class="label">{t('Last incident')}</span>
      <strong>{t(sentence.what)}</strong>
      {peer && <span class="from"> ({hostPort(peer.address, peer.port)})</span>} <Time at={at} />
      <span class="next">{t(sentence.next)}</span>
    </p>
  );
};

function encryptionText(keyLength: number | undefined): string | undefined {
  if (keyLength === undefined) return undefined;
  return keyLength === 0 ? t('None') : `AES-${keyLength}`;
}
