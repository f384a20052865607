/** How a state looks: a shape, a word, and what was measured. Never colour alone. */
import type { EndpointStatus } from '../../relay/contract/messages.ts';
import type { Protocol } from '../../relay/contract/settings.ts';
import { Icon } from './icon.tsx';
import { Time } from './layout.tsx';
import type { Status, Tone } from './status.ts';
import { bandwidthText, bitrateText, countText, hostPort, msText } from './units.ts';
import { words } from './words.ts';

export const Pill = ({ tone, word }: { tone: Tone; word: string }) => (
  <span class={`pill ${tone}`}>
    <i aria-hidden="true" />
    {word}
  </span>
);

/** State and bitrate of one end in one line, for lists. `mark`: a word that sets it apart. */
export const Glance = ({ label, status, mark }: { label: string; status: Status; mark?: string }) => (
  <span class="glance">
    <span class="path">{label}</span>
    <Pill tone={status.tone} word={status.word} />
    <span class="rate">
      {status.endpoint?.state === 'connected' ? bitrateText(status.endpoint.bitrate) : ''}
      {mark && <Mark word={mark} />}
    </span>
  </span>
);

/** A word in a frame: what is on air, and the like. */
export const Mark = ({ word }: { word: string }) => <span class="mark">{word}</span>;

export interface LiveEndProps {
  readonly id: string;
  readonly status: Status;
  readonly protocol: Protocol;
  /** The flow's maximum bandwidth in bit/s. */
  readonly cap: number;
  readonly mark?: string;
}

/** Everything that is known of one end now. */
export const LiveEnd = ({ id, status, protocol, cap, mark }: LiveEndProps) => (
  <div id={id} class={`live-end ${status.tone}`}>
    <p class="state">
      <Pill tone={status.tone} word={status.word} />
      {mark && <Mark word={mark} />}
      <span>{status.sentence}</span>
    </p>
    {status.endpoint && <Report endpoint={status.endpoint} protocol={protocol} cap={cap} />}
  </div>
);

interface ReportProps {
  readonly endpoint: EndpointStatus;
  readonly protocol: Protocol;
  readonly cap: number;
}

const Report = ({ endpoint, protocol, cap }: ReportProps) => (
  <>
    {endpoint.over && (
      <p class="warning">
        <Icon name="alert" />
        Above the flow's maximum bandwidth of {bandwidthText(cap)}.
      </p>
    )}
    {endpoint.state === 'connected' && <Measurements endpoint={endpoint} protocol={protocol} cap={cap} />}
    <Losses endpoint={endpoint} protocol={protocol} />
    {endpoint.retryAt !== undefined && endpoint.state === 'waiting' && (
      <p class="note">
        Next attempt: <Time at={endpoint.retryAt} />
      </p>
    )}
    <LastIncident endpoint={endpoint} protocol={protocol} />
  </>
);

const Measurements = ({ endpoint, protocol, cap }: ReportProps) => (
  <>
    <p class="bitrate">
      <strong>{bitrateText(endpoint.bitrate)}</strong>
      <meter
        min={0}
        max={cap}
        high={cap}
        value={Math.min(endpoint.bitrate, cap)}
        aria-label="Share of the maximum bandwidth"
      />
      <span class="of">of {bandwidthText(cap)}</span>
    </p>
    <dl class="figures">
      {protocol === 'srt' && <SrtFigures endpoint={endpoint} />}
      {endpoint.queueMs !== undefined && endpoint.queueMs > 0 && (
        <Figure name="Waiting to be sent" value={msText(endpoint.queueMs)} />
      )}
      <Figure name="Peer" value={endpoint.peer && hostPort(endpoint.peer.address, endpoint.peer.port)} />
      <div>
        <dt>Connected since</dt>
        <dd>
          <Time at={endpoint.since} />
        </dd>
      </div>
    </dl>
  </>
);

/** What SRT alone measures or agrees on. */
const SrtFigures = ({ endpoint }: { endpoint: EndpointStatus }) => (
  <>
    <Figure name="RTT" value={endpoint.rttMs === undefined ? undefined : msText(endpoint.rttMs)} />
    <Figure name="Latency agreed" value={endpoint.latencyMs === undefined ? undefined : msText(endpoint.latencyMs)} />
    <Figure name="Encryption in use" value={encryptionText(endpoint.keyLength)} />
  </>
);

const Figure = ({ name, value }: { name: string; value?: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value ?? 'Not reported'}</dd>
  </div>
);

const Losses = ({ endpoint, protocol }: Omit<ReportProps, 'cap'>) =>
  endpoint.dropped > 0 || endpoint.lost > 0 ? (
    <p class="losses">
      {endpoint.dropped > 0 && <span>{unitsText(endpoint.dropped, protocol)} dropped</span>}
      {endpoint.lost > 0 && <span>{unitsText(endpoint.lost, protocol)} lost on the way</span>}
    </p>
  ) : null;

function unitsText(count: number, protocol: Protocol): string {
  const [one, many] = words.units[protocol];
  return `${countText(count)} ${count === 1 ? one : many}`;
}

const LastIncident = ({ endpoint, protocol }: Omit<ReportProps, 'cap'>) => {
  if (!endpoint.incident) return null;
  const { code, at, peer } = endpoint.incident;
  const sentence = words.incidents[endpoint.role][protocol][code];
  return (
    <p class="incident">
      <span class="label">Last incident</span>
      <strong>{sentence.what}</strong>
      {peer && <span class="from"> ({hostPort(peer.address, peer.port)})</span>} <Time at={at} />
      <span class="next">{sentence.next}</span>
    </p>
  );
};

function encryptionText(keyLength: number | undefined): string | undefined {
  if (keyLength === undefined) return undefined;
  return keyLength === 0 ? 'None' : `AES-${keyLength}`;
}
