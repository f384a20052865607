/** What becomes of inputs and outputs when an operator makes or edits them: pure, and by protocol. */
import { randomBytes } from 'node:crypto';
import type {
  EncryptionSetting,
  FailoverSetting,
  Input,
  InputBase,
  Output,
  PerPipeline,
  RtmpDestination,
  RtmpInputLink,
  RtpInputLink,
  SrtLink,
} from '../db/model.ts';
import { latency, type Pipeline, pipelines, type Protocol } from '../relay/contract/settings.ts';
import type { InputDraft, InputEdit, OutputDraft, OutputEdit } from './drafts.ts';
import { refuseField } from './refusal.ts';

/** `place` is what the server gives: ids and ports. */
export function newInput(draft: InputDraft, place: Pick<InputBase, 'id' | 'ports'>): Input {
  const { name, description, allowlist } = draft;
  const failover = draft.failover && { ...draft.failover, order: 0 };
  const base = { ...place, name, description, allowlist, ...(failover && { failover }) };
  switch (draft.protocol) {
    case 'srt': {
      const { protocol, latencyMs, encryption, streamId } = draft;
      return { ...base, protocol, latencyMs, ...(encryption && { encryption }), ...(streamId && { streamId }) };
    }
    case 'rtmp':
      return { ...base, ...newRtmpLink(draft.oneStreamKey) };
    case 'rtp':
      return { ...base, protocol: 'rtp', bareTs: draft.bareTs, ...withIdle(draft.idleTimeoutMs) };
  }
}

/** Throws a Refusal where the edit names a field that the input's protocol does not have. */
export function editedInput(input: Input, edit: InputEdit): Input {
  const {
    protocol = input.protocol,
    encryption,
    latencyMs,
    bareTs,
    failover,
    oneStreamKey,
    idleTimeoutMs,
    streamId,
    ...named
  } = edit;
  const base = { ...baseOf(input), ...named, failover: editedFailover(input.failover, failover) };
  const link = protocol === input.protocol ? linkOf(input) : newInputLink(protocol);
  switch (link.protocol) {
    case 'srt':
      refuseForeign({ bareTs, oneStreamKey, idleTimeoutMs });
      return { ...base, ...withSrt(link, { encryption, latencyMs, streamId }) };
    case 'rtmp':
      refuseForeign({ encryption, latencyMs, streamId, bareTs, idleTimeoutMs });
      return { ...base, ...link, ...(oneStreamKey && { streamKeys: bothWith(link.streamKeys.primary) }) };
    case 'rtp':
      refuseForeign({ encryption, latencyMs, streamId, oneStreamKey });
      return { ...base, ...link, bareTs: bareTs ?? link.bareTs, ...withIdle(idleTimeoutMs) };
  }
}

export const newOutput = (draft: OutputDraft, id: string): Output => ({ ...draft, id });

/** Throws a Refusal where the edit names a field that the output's protocol does not have. */
export function editedOutput(output: Output, edit: OutputEdit): Output {
  const { encryption, latencyMs, streamId, ttl, bareTs, destinations, protocol: _protocol, ...named } = edit;
  switch (output.protocol) {
    case 'srt':
      refuseForeign({ ttl, bareTs });
      return {
        ...withSrt({ ...output, ...named }, { encryption, latencyMs, streamId }),
        destinations: destinations ? hostPorts(destinations) : output.destinations,
      };
    case 'rtmp':
      refuseForeign({ encryption, latencyMs, streamId, ttl, bareTs });
      return { ...output, ...named, destinations: editedRtmp(output.destinations, destinations) };
    case 'rtp':
      refuseForeign({ encryption, latencyMs, streamId });
      return {
        ...output,
        ...named,
        ttl: ttl ?? output.ttl,
        bareTs: bareTs ?? output.bareTs,
        destinations: destinations ? hostPorts(destinations) : output.destinations,
      };
  }
}

const STREAM_KEY_BYTES = 18;
const newStreamKey = (): string => randomBytes(STREAM_KEY_BYTES).toString('base64url');

const withIdle = (idleTimeoutMs: number | undefined): Pick<RtpInputLink, 'idleTimeoutMs'> =>
  idleTimeoutMs === undefined ? {} : { idleTimeoutMs };

/** Encoders that take two addresses but one key need the same one for both pipelines. */
const bothWith = (key: string): RtmpInputLink['streamKeys'] => ({ primary: key, backup: key });

function newRtmpLink(oneStreamKey = false): RtmpInputLink {
  const primary = newStreamKey();
  return { protocol: 'rtmp', streamKeys: { primary, backup: oneStreamKey ? primary : newStreamKey() } };
}

function newInputLink(protocol: Protocol): SrtLink | RtmpInputLink | RtpInputLink {
  switch (protocol) {
    case 'srt':
      return { protocol, latencyMs: latency.initial };
    case 'rtmp':
      return newRtmpLink();
    case 'rtp':
      return { protocol, bareTs: false };
  }
}

function linkOf(input: Input): SrtLink | RtmpInputLink | RtpInputLink {
  switch (input.protocol) {
    case 'srt':
      return {
        protocol: 'srt',
        latencyMs: input.latencyMs,
        ...(input.encryption && { encryption: input.encryption }),
        ...(input.streamId !== undefined && { streamId: input.streamId }),
      };
    case 'rtmp':
      return { protocol: 'rtmp', streamKeys: input.streamKeys };
    case 'rtp':
      return { protocol: 'rtp', bareTs: input.bareTs, ...withIdle(input.idleTimeoutMs) };
  }
}

const baseOf = ({ id, name, allowlist, description, ports }: Input): InputBase => ({
  id,
  name,
  allowlist,
  description,
  ports,
});

function editedFailover(kept: FailoverSetting | undefined, edit: InputEdit['failover']): FailoverSetting | undefined {
  if (edit === undefined) return kept;
  return edit === null ? undefined : { ...edit, order: kept?.order ?? 0 };
}

interface SrtEdit {
  readonly encryption: InputEdit['encryption'];
  readonly latencyMs: number | undefined;
  readonly streamId: InputEdit['streamId'];
}

/** null turns encryption off, or the stream ID; without a passphrase the kept one stays; turning it on needs one. */
function withSrt<Link extends SrtLink>(link: Link, edit: SrtEdit): Link {
  const { encryption, latencyMs = link.latencyMs, streamId } = edit;
  return {
    ...link,
    latencyMs,
    ...(encryption !== undefined && {
      encryption: encryption === null ? undefined : toEncryption(encryption, link.encryption),
    }),
    ...(streamId !== undefined && { streamId: streamId ?? undefined }),
  };
}

function toEncryption(
  edit: { readonly keyLength: EncryptionSetting['keyLength']; readonly passphrase?: string | undefined },
  kept: EncryptionSetting | undefined,
): EncryptionSetting {
  const passphrase = edit.passphrase ?? kept?.passphrase;
  if (passphrase === undefined) throw refuseField('passphrase-needed', 'encryption.passphrase');
  return { keyLength: edit.keyLength, passphrase };
}

type DestinationsEdit = NonNullable<OutputEdit['destinations']>;

function hostPorts({ primary, backup }: DestinationsEdit): PerPipeline<{ host: string; port: number }> {
  if (!('host' in primary) || (backup && !('host' in backup)))
    throw refuseField('field-of-other-protocol', 'destinations');
  return { primary, ...(backup && { backup }) };
}

/** A key that is left out stays; a new destination needs one. */
function editedRtmp(
  kept: PerPipeline<RtmpDestination>,
  edit: DestinationsEdit | undefined,
): PerPipeline<RtmpDestination> {
  if (!edit) return kept;
  const toDestination = (pipeline: Pipeline): RtmpDestination | undefined => {
    const wish = edit[pipeline];
    if (!wish) return undefined;
    if (!('url' in wish)) throw refuseField('field-of-other-protocol', 'destinations');
    const streamKey = wish.streamKey ?? kept[pipeline]?.streamKey;
    if (streamKey === undefined) throw refuseField('stream-key-needed', `destinations.${pipeline}.streamKey`);
    return { url: wish.url, streamKey };
  };
  const [primary, backup] = pipelines.map(toDestination);
  return { primary: primary ?? kept.primary, ...(backup && { backup }) };
}

/** A field that is accepted and does nothing would be a lie. */
function refuseForeign(fields: Readonly<Record<string, unknown>>): void {
  const foreign = Object.entries(fields).find(([, value]) => value !== undefined && value !== null);
  if (foreign) throw refuseField('field-of-other-protocol', foreign[0]);
}
