/** How a state looks: a shape, a word, and what was measured. Never colour alone. */
import type { EndpointStatus } from '../../relay/contract/messages.ts';
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

/** State and bitrate of one end in one line, for lists. */
export const Glance = ({ label, status }: { label: string; status: Status }) => (
  <span class="glance">
    <span class="path">{label}</span>
    <Pill tone={status.tone} word={status.word} />
    <span class="rate">{status.endpoint?.state === 'connected' ? bitrateText(status.endpoint.bitrate) : ''}</span>
  </span>
);

/** Everything that is known of one end now. `cap` is the flow's maximum bandwidth in bit/s. */
export const LiveEnd = ({ id, status, cap }: { id: string; status: Status; cap: number }) => (
  <div id={id} class={`live-end ${status.tone}`}>
    <p class="state">
      <Pill tone={status.tone} word={status.word} />
      <span>{status.sentence}</span>
    </p>
    {status.endpoint && <Report endpoint={status.endpoint} cap={cap} />}
  </div>
);

const Report = ({ endpoint, cap }: { endpoint: EndpointStatus; cap: number }) => (
  <>
    {endpoint.over && (
      <p class="warning">
        <Icon name="alert" />
        Above the flow's maximum bandwidth of {bandwidthText(cap)}.
      </p>
    )}
    {endpoint.state === 'connected' && <Measurements endpoint={endpoint} cap={cap} />}
    <Losses endpoint={endpoint} />
    {endpoint.retryAt !== undefined && endpoint.state === 'waiting' && (
      <p class="note">
        Next attempt: <Time at={endpoint.retryAt} />
      </p>
    )}
    <LastIncident endpoint={endpoint} />
  </>
);

const Measurements = ({ endpoint, cap }: { endpoint: EndpointStatus; cap: number }) => (
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
      <Figure name="RTT" value={endpoint.rttMs === undefined ? undefined : msText(endpoint.rttMs)} />
      <Figure name="Latency agreed" value={endpoint.latencyMs === undefined ? undefined : msText(endpoint.latencyMs)} />
      <Figure name="Encryption in use" value={encryptionText(endpoint.keyLength)} />
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

const Figure = ({ name, value }: { name: string; value?: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value ?? 'Not reported'}</dd>
  </div>
);

const Losses = ({ endpoint }: { endpoint: EndpointStatus }) =>
  endpoint.dropped > 0 || endpoint.lost > 0 ? (
    <p class="losses">
      {endpoint.dropped > 0 && <span>{countText(endpoint.dropped)} packets dropped</span>}
      {endpoint.lost > 0 && <span>{countText(endpoint.lost)} packets lost on the way</span>}
    </p>
  ) : null;

const LastIncident = ({ endpoint }: { endpoint: EndpointStatus }) => {
  if (!endpoint.incident) return null;
  const { code, at, peer } = endpoint.incident;
  const sentence = words.incidents[endpoint.role][code];
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
