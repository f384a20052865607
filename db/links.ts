/** What each protocol keeps of an input or output: its settings in clear, its secrets apart, both as JSON. */
import { z } from 'zod';
import type { KeyLength, Protocol } from '../relay/contract/settings.ts';
import type {
  Input,
  InputBase,
  Output,
  OutputBase,
  RtmpInputLink,
  RtmpOutputLink,
  RtpInputLink,
  SrtLink,
} from './model.ts';

/** JSON texts; `secrets` is undefined where the link has none. */
export interface StoredLink {
  readonly protocol: Protocol;
  readonly settings: string;
  readonly secrets: string | undefined;
}

type InputLink = SrtLink | RtmpInputLink | RtpInputLink;

const destination = z.object({ host: z.string(), port: z.int() });
const destinations = z.object({ primary: destination, backup: destination.optional() });
const urls = z.object({ primary: z.string(), backup: z.string().optional() });
const keyLength: z.ZodType<KeyLength> = z.union([z.literal(128), z.literal(192), z.literal(256)]);
const srt = z.object({ latencyMs: z.int(), keyLength: keyLength.optional() });
const srtSecrets = z.object({ passphrase: z.string().optional(), streamId: z.string().optional() });
const inputKeys = z.object({ primary: z.string(), backup: z.string() });

export function storeInput(input: Input): StoredLink {
  switch (input.protocol) {
    case 'srt':
      return storeSrt(input, {});
    case 'rtmp':
      return { protocol: 'rtmp', settings: '{}', secrets: JSON.stringify(input.streamKeys) };
    case 'rtp':
      return {
        protocol: 'rtp',
        settings: JSON.stringify({ bareTs: input.bareTs, idleTimeoutMs: input.idleTimeoutMs }),
        secrets: undefined,
      };
  }
}

/** Throws where the texts are not what `storeInput` made. */
export function loadInput(base: InputBase, { protocol, settings, secrets }: StoredLink): Input {
  return { ...base, ...loadInputLink(protocol, JSON.parse(settings), secrets) };
}

export function storeOutput(output: Output): StoredLink {
  switch (output.protocol) {
    case 'srt':
      return storeSrt(output, { destinations: output.destinations });
    case 'rtmp':
      return storeRtmpOutput(output.destinations);
    case 'rtp': {
      const { ttl, bareTs, destinations: to } = output;
      return { protocol: 'rtp', settings: JSON.stringify({ ttl, bareTs, destinations: to }), secrets: undefined };
    }
  }
}

/** Throws where the texts are not what `storeOutput` made. */
export function loadOutput(base: OutputBase, { protocol, settings, secrets }: StoredLink): Output {
  const kept: unknown = JSON.parse(settings);
  switch (protocol) {
    case 'srt':
      return { ...base, ...loadSrt(kept, secrets), destinations: z.object({ destinations }).parse(kept).destinations };
    case 'rtmp':
      return { ...base, protocol, destinations: loadRtmpDestinations(kept, secrets) };
    case 'rtp':
      return { ...base, protocol, ...z.object({ ttl: z.int(), bareTs: z.boolean(), destinations }).parse(kept) };
  }
}

function storeSrt({ latencyMs, encryption, streamId }: SrtLink, more: object): StoredLink {
  const settings = JSON.stringify({ latencyMs, keyLength: encryption?.keyLength, ...more });
  const hasSecrets = encryption !== undefined || streamId !== undefined;
  const secrets = hasSecrets ? JSON.stringify({ passphrase: encryption?.passphrase, streamId }) : undefined;
  return { protocol: 'srt', settings, secrets };
}

function loadSrt(kept: unknown, secrets: string | undefined): SrtLink {
  const { latencyMs, keyLength } = srt.parse(kept);
  const { passphrase, streamId } = srtSecrets.parse(JSON.parse(secrets ?? '{}'));
  return {
    protocol: 'srt',
    latencyMs,
    ...(keyLength !== undefined && passphrase !== undefined && { encryption: { keyLength, passphrase } }),
    ...(streamId !== undefined && { streamId }),
  };
}

function loadInputLink(protocol: Protocol, kept: unknown, secrets: string | undefined): InputLink {
  switch (protocol) {
    case 'srt':
      return loadSrt(kept, secrets);
    case 'rtmp':
      return { protocol, streamKeys: inputKeys.parse(JSON.parse(secrets ?? '')) };
    case 'rtp':
      return { protocol, ...z.object({ bareTs: z.boolean(), idleTimeoutMs: z.int().optional() }).parse(kept) };
  }
}

function storeRtmpOutput({ primary, backup }: RtmpOutputLink['destinations']): StoredLink {
  const settings = JSON.stringify({ urls: { primary: primary.url, backup: backup?.url } });
  const secrets = JSON.stringify({ primary: primary.streamKey, backup: backup?.streamKey });
  return { protocol: 'rtmp', settings, secrets };
}

function loadRtmpDestinations(kept: unknown, secrets: string | undefined): RtmpOutputLink['destinations'] {
  const { primary, backup } = z.object({ urls }).parse(kept).urls;
  const keys = urls.parse(JSON.parse(secrets ?? ''));
  const first = { url: primary, streamKey: keys.primary };
  return backup === undefined
    ? { primary: first }
    : { primary: first, backup: { url: backup, streamKey: keys.backup ?? '' } };
}
