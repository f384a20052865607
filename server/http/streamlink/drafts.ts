/** What the vendor's clients send of inputs and outputs, as the drafts and edits that every way in makes. */
import type { Input, Output, SrtLink } from '../../../db/model.ts';
import { type KeyLength, latency, type Protocol } from '../../../relay/contract/settings.ts';
import {
  type InputDraft,
  type InputEdit,
  inputDraftSchema,
  inputEditSchema,
  type OutputDraft,
  type OutputEdit,
  outputDraftSchema,
  outputEditSchema,
  parseDraft,
} from '../../drafts.ts';
import { type Action, invalid } from './errors.ts';
import type { CreateInput, CreateOutput, ModifyInput, ModifyOutput, SrtFields } from './fields.ts';

/** The vendor's names of protocols. */
export const protocolNames = { srt: 'SRT', rtmp: 'RTMP', rtp: 'RTP' } as const satisfies Record<Protocol, string>;
const protocolOf = { SRT: 'srt', RTMP: 'rtmp', RTP: 'rtp' } as const;

/** PbKeyLen in bytes; 0 leaves the choice to the encryption itself, which is 16. */
const keyLengthOf = { 0: 128, 16: 128, 24: 192, 32: 256 } as const satisfies Record<number, KeyLength>;
export const keyBytesOf = { 128: 16, 192: 24, 256: 32 } as const satisfies Record<KeyLength, number>;

/** What the vendor means where AllowIpList is empty. */
const ANY_ADDRESS = ['0.0.0.0/0'];

/** What an RTP input has where the vendor's clients say nothing, in ms. */
const IDLE_TIMEOUT_MS = 5000;

/** Throws a Refusal or a VendorError. */
export function toInputDraft(action: Action, input: CreateInput): InputDraft {
  const protocol = protocolOf[input.Protocol];
  refuseForeign(action, 'Input', protocol, { srt: input.SRTSettings, rtp: input.RTPSettings });
  return parseDraft(inputDraftSchema, {
    name: input.InputName,
    description: input.Description ?? '',
    allowlist: input.AllowIpList?.length ? input.AllowIpList : ANY_ADDRESS,
    ...(input.FailOver === 'OPEN' && { failover: { preferred: 'primary', autoReturn: true } }),
    protocol,
    ...(protocol === 'srt' && newSrt(action, 'Input', input.SRTSettings ?? {})),
    ...(protocol === 'rtmp' && { oneStreamKey: true }),
    ...(protocol === 'rtp' && { idleTimeoutMs: input.RTPSettings?.IdleTimeout ?? IDLE_TIMEOUT_MS }),
  });
}

/** What is left out stays as it is. Throws a Refusal or a VendorError. */
export function toInputEdit(action: Action, kept: Input, input: ModifyInput): InputEdit {
  const protocol = input.Protocol === undefined ? kept.protocol : protocolOf[input.Protocol];
  refuseForeign(action, 'Input', protocol, { srt: input.SRTSettings, rtp: input.RTPSettings });
  checkName(action, kept.name, input.InputName);
  const isNew = protocol !== kept.protocol;
  const idleTimeoutMs = input.RTPSettings?.IdleTimeout ?? (isNew && protocol === 'rtp' ? IDLE_TIMEOUT_MS : undefined);
  return parseDraft(inputEditSchema, {
    ...present({ name: input.InputName, description: input.Description, allowlist: allowlistOf(input), idleTimeoutMs }),
    ...(isNew && { protocol }),
    ...failoverEdit(kept, input.FailOver),
    ...(input.SRTSettings && srtEdit(kept.protocol === 'srt' ? kept : undefined, input.SRTSettings)),
    ...(isNew && protocol === 'rtmp' && { oneStreamKey: true }),
  });
}

/** Throws a Refusal or a VendorError. */
export function toOutputDraft(action: Action, output: CreateOutput): OutputDraft {
  const protocol = protocolOf[output.Protocol];
  refuseForeign(action, 'Output', protocol, settingsOf(output));
  return parseDraft(outputDraftSchema, {
    name: output.OutputName,
    description: output.Description ?? '',
    regionId: output.OutputRegion,
    protocol,
    ...(protocol === 'srt' && newSrt(action, 'Output', output.SRTSettings ?? {})),
    destinations: destinationsOf(output, protocol) ?? missing(action, protocol),
  });
}

/** What is left out stays as it is. Throws a Refusal or a VendorError. */
export function toOutputEdit(action: Action, kept: Output, output: ModifyOutput): OutputEdit {
  refuseForeign(action, 'Output', kept.protocol, settingsOf(output));
  return parseDraft(outputEditSchema, {
    ...present({
      name: output.OutputName,
      description: output.Description,
      protocol: output.Protocol && protocolOf[output.Protocol],
      destinations: destinationsOf(output, kept.protocol),
    }),
    ...(output.SRTSettings && srtEdit(kept.protocol === 'srt' ? kept : undefined, output.SRTSettings)),
  });
}

type Settings = Readonly<Partial<Record<Protocol, unknown>>>;

const settingsOf = (output: CreateOutput | ModifyOutput): Settings => ({
  srt: output.SRTSettings,
  rtp: output.RTPSettings,
  rtmp: output.RTMPSettings,
});

/** Settings of a protocol that this end does not have would do nothing. */
function refuseForeign(action: Action, side: 'Input' | 'Output', own: Protocol, settings: Settings): void {
  for (const [protocol, given] of Object.entries(settings))
    if (protocol !== own && given !== undefined)
      throw invalid(
        action,
        [side],
        `${protocol.toUpperCase()}Settings: this ${side.toLowerCase()} is of protocol ${protocolNames[own]}. Leave them out.`,
      );
}

function checkName(action: Action, kept: string, given: string | undefined): void {
  if (given !== undefined && given !== kept && !/^\w{1,32}$/.test(given))
    throw invalid(action, ['Name', 'Input'], 'InputName: A name has 1 to 32 letters, digits and _.');
}

const allowlistOf = ({ AllowIpList }: ModifyInput): readonly string[] | undefined =>
  AllowIpList?.length === 0 ? ANY_ADDRESS : AllowIpList;

/** One that is on already stays as an operator set it. */
function failoverEdit(kept: Input, wish: ModifyInput['FailOver']): Pick<InputEdit, 'failover'> {
  if (wish === 'CLOSE') return { failover: null };
  if (wish === undefined || kept.failover) return {};
  return { failover: { preferred: 'primary', autoReturn: true } };
}

/** There is one latency here: the largest that is wished for; 0 wishes for nothing, so that alone it is the initial one. */
function latencyOf({ Latency, RecvLatency, PeerLatency }: SrtFields): number | undefined {
  const wishes = [Latency, RecvLatency, PeerLatency].filter((wish) => wish !== undefined);
  if (wishes.length === 0) return undefined;
  return Math.max(...wishes) || latency.initial;
}

function newSrt(action: Action, side: 'Input' | 'Output', srt: SrtFields) {
  const { Passphrase: passphrase, PbKeyLen = 0 } = srt;
  if (!passphrase && PbKeyLen !== 0)
    throw invalid(action, [side], 'SRTSettings.PbKeyLen: there is no Passphrase that it could be the length of.');
  return {
    ...present({ latencyMs: latencyOf(srt), streamId: srt.StreamId || undefined }),
    ...(passphrase && { encryption: { passphrase, keyLength: keyLengthOf[PbKeyLen] } }),
  };
}

/** An empty passphrase or stream ID turns it off; without one the kept one stays. */
function srtEdit(kept: SrtLink | undefined, srt: SrtFields) {
  const { Passphrase: passphrase, PbKeyLen, StreamId } = srt;
  const open = present({ latencyMs: latencyOf(srt), streamId: StreamId === '' ? null : StreamId });
  if (passphrase === '' && !PbKeyLen) return { ...open, encryption: null };
  if (passphrase === undefined && (PbKeyLen === undefined || (PbKeyLen === 0 && !kept?.encryption))) return open;
  const keyLength = PbKeyLen === undefined ? (kept?.encryption?.keyLength ?? keyLengthOf[0]) : keyLengthOf[PbKeyLen];
  return { ...open, encryption: { keyLength, ...present({ passphrase }) } };
}

function destinationsOf(output: CreateOutput | ModifyOutput, protocol: Protocol): object | undefined {
  if (protocol === 'rtmp') {
    const list = output.RTMPSettings?.Destinations;
    return list && toPair(list.map(({ Url, StreamKey }) => ({ url: Url, streamKey: StreamKey })));
  }
  const list = (protocol === 'srt' ? output.SRTSettings : output.RTPSettings)?.Destinations;
  return list && toPair(list.map(({ Ip, Port }) => ({ host: Ip, port: Port })));
}

const toPair = ([primary, backup]: readonly object[]): object => ({ primary, ...(backup && { backup }) });

function missing(action: Action, protocol: Protocol): never {
  throw invalid(
    action,
    ['Output'],
    `${protocolNames[protocol]}Settings.Destinations: name one, or two: primary and backup.`,
  );
}

/** Without the fields that are not there: to an edit they are no wish. */
const present = (values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
