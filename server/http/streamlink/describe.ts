/** Flows, inputs and outputs as the vendor describes them. Passphrases and stream keys are echoed, as the vendor does. */
import type { Flow, FlowState, Output, PerPipeline, SrtLink, WaitingFlow } from '../../../db/model.ts';
import { type Pipeline, pipelines, rtpIdle } from '../../../relay/contract/settings.ts';
import { type PublicPlaces, pushAddress } from '../../addresses.ts';
import { keyBytesOf, protocolNames } from './drafts.ts';

/** Where libsrt lets a silent peer go: SRTO_PEERIDLETIMEO. */
const PEER_IDLE_TIMEOUT_MS = 5000;

/** What is kept of a flow, with its state; a waiting one has neither input nor outputs. */
export interface Described {
  readonly flow: Flow | WaitingFlow;
  readonly state: FlowState;
}

export const isWhole = (flow: Flow | WaitingFlow): flow is Flow => 'input' in flow;

/** DescribeFlow. */
export function describeFlow({ flow, state }: Described, places: PublicPlaces) {
  const { id, name, maxBitrate, regionId } = flow;
  return {
    FlowId: id,
    FlowName: name,
    // The vendor has but two; one that is on its way there is not idle.
    State: state === 'idle' ? 'IDLE' : 'RUNNING',
    MaxBandwidth: maxBitrate,
    InputGroup: isWhole(flow) ? [describeInput(flow, places)] : [],
    OutputGroup: isWhole(flow) ? flow.outputs.map((output) => describeOutput(output, places)) : [],
    EventId: '',
    Region: regionId,
  };
}

/** DescribeInput. What the vendor has and we do not is null or empty. */
export function describeInput(flow: Flow, places: PublicPlaces) {
  const { input, regionId } = flow;
  return {
    InputId: input.id,
    InputName: input.name,
    Description: input.description,
    Protocol: protocolNames[input.protocol],
    InputAddressList: pipelines.map((pipeline) => inputAddress(flow, pipeline, places)),
    AllowIpList: [...input.allowlist],
    InputRegion: regionId,
    FailOver: input.failover ? 'OPEN' : 'CLOSE',
    ...inputSettings(flow, places),
    RTMPPullSettings: null,
    RTSPPullSettings: null,
    HLSPullSettings: null,
    ResilientStream: { Enable: false },
    SecurityGroupIds: [],
  };
}

function inputSettings(flow: Flow, places: PublicPlaces) {
  const { input } = flow;
  return {
    SRTSettings: input.protocol === 'srt' ? { Mode: 'LISTENER', ...srtSettings(input), SourceAddresses: [] } : null,
    RTPSettings: input.protocol === 'rtp' ? { FEC: 'none', IdleTimeout: input.idleTimeoutMs ?? rtpIdle.initial } : null,
    RTMPSettings:
      input.protocol === 'rtmp'
        ? // The vendor has one key for both addresses; inputs made through this API have one, too.
          { AppName: urlOf(flow, 'primary', places).pathname.slice(1), StreamKey: input.streamKeys.primary }
        : null,
  };
}

function inputAddress(flow: Flow, pipeline: Pipeline, places: PublicPlaces) {
  return { Ip: places.publicHost, Port: Number(urlOf(flow, pipeline, places).port) };
}

/** Where to push, by the rule that all ways in share. */
const urlOf = (flow: Flow, pipeline: Pipeline, places: PublicPlaces): URL =>
  new URL(pushAddress(flow, pipeline, places));

const srtSettings = ({ latencyMs, encryption, streamId }: SrtLink) => ({
  StreamId: streamId ?? '',
  Latency: latencyMs,
  RecvLatency: latencyMs,
  PeerLatency: latencyMs,
  PeerIdleTimeout: PEER_IDLE_TIMEOUT_MS,
  Passphrase: encryption?.passphrase ?? '',
  PbKeyLen: encryption ? keyBytesOf[encryption.keyLength] : 0,
});

/** DescribeOutput. */
export function describeOutput(output: Output, { publicHost }: PublicPlaces) {
  return {
    OutputId: output.id,
    OutputName: output.name,
    OutputType: 'Internet',
    Description: output.description,
    Protocol: protocolNames[output.protocol],
    OutputAddressList: [{ Ip: publicHost }],
    OutputRegion: output.regionId,
    ...outputSettings(output),
    RTMPPullSettings: null,
    RTSPPullSettings: null,
    HLSPullSettings: null,
    AllowIpList: null,
    MaxConcurrent: null,
    SecurityGroupIds: [],
  };
}

function outputSettings(output: Output) {
  const none = { SRTSettings: null, RTPSettings: null, RTMPSettings: null };
  switch (output.protocol) {
    case 'srt': {
      const Destinations = listOf(output.destinations).map(toAddress);
      return {
        ...none,
        SRTSettings: { Destinations, ...srtSettings(output), Mode: 'CALLER', SourceAddresses: [] },
      };
    }
    case 'rtp': {
      const Destinations = listOf(output.destinations).map(toAddress);
      return { ...none, RTPSettings: { Destinations, FEC: 'none', IdleTimeout: null } };
    }
    case 'rtmp': {
      const Destinations = listOf(output.destinations).map(({ url, streamKey }) => ({
        Url: url,
        StreamKey: streamKey,
      }));
      return { ...none, RTMPSettings: { Destinations, ChunkSize: null, IdleTimeout: null } };
    }
  }
}

const listOf = <D>({ primary, backup }: PerPipeline<D>): readonly D[] => (backup ? [primary, backup] : [primary]);

const toAddress = ({ host, port }: { readonly host: string; readonly port: number }) => ({ Ip: host, Port: port });
