/** The product's nouns (types only). Times are epoch ms UTC; bit rates are bit/s. */
import type { KeyLength, Pipeline } from '../relay/contract/settings.ts';

export type { LogEvent, LogType } from './history-model.ts';
export type { ServerEventCode } from './server-events.ts';

/** Where an operator wants a relay; a label. Edited in the settings file regions.json. */
export interface Region {
  readonly id: string;
  readonly name: string;
}

/** The passphrase is kept sealed and shown to nobody. */
export interface EncryptionSetting {
  readonly keyLength: KeyLength;
  readonly passphrase: string;
}

export interface SrtLink {
  readonly protocol: 'srt';
  readonly latencyMs: number;
  readonly encryption?: EncryptionSetting;
  /** Callers of an input must present it, an output presents it. Kept sealed: it may hold a key of the peer's. */
  readonly streamId?: string;
}

/** A key for each pipeline, made by us; kept sealed, shown to operators, who must give it to their encoder. */
export interface RtmpInputLink {
  readonly protocol: 'rtmp';
  readonly streamKeys: Readonly<Record<Pipeline, string>>;
}

/** `bareTs`: TS straight in UDP datagrams, without RTP. Without `idleTimeoutMs` it is the relay's own (rtpIdle). */
export interface RtpInputLink {
  readonly protocol: 'rtp';
  readonly bareTs: boolean;
  readonly idleTimeoutMs?: number;
}

/**
 * Failover: each output gets the preferred input, and the other one while the preferred brings nothing. Without
 * `autoReturn` it stays on the other until an operator orders it back; `order` grows with each such order.
 */
export interface FailoverSetting {
  readonly preferred: Pipeline;
  readonly autoReturn: boolean;
  readonly order: number;
}

/** What the operator configured as the one source of a flow, for both pipelines. */
export type Input = InputBase & (SrtLink | RtmpInputLink | RtpInputLink);

export interface InputBase {
  readonly id: string;
  readonly name: string;
  /** CIDR ranges that may push; at least one. */
  readonly allowlist: readonly string[];
  readonly description: string;
  /** The UDP port of each pipeline: given at creation, kept until the flow is deleted. RTMP uses the relay's own port. */
  readonly ports: Readonly<Record<Pipeline, number>>;
  /** Absent: the pipelines are independent. */
  readonly failover?: FailoverSetting;
}

export interface Destination {
  readonly host: string;
  readonly port: number;
}

/** `streamKey` is kept sealed and shown to nobody. */
export interface RtmpDestination {
  readonly url: string;
  readonly streamKey: string;
}

/** One for each pipeline; the backup's may be absent. */
export interface PerPipeline<D> {
  readonly primary: D;
  readonly backup?: D;
}

export interface SrtOutputLink extends SrtLink {
  readonly destinations: PerPipeline<Destination>;
}

export interface RtmpOutputLink {
  readonly protocol: 'rtmp';
  readonly destinations: PerPipeline<RtmpDestination>;
}

/** `ttl`: routers that a datagram to a multicast group may pass. */
export interface RtpOutputLink {
  readonly protocol: 'rtp';
  readonly ttl: number;
  readonly bareTs: boolean;
  readonly destinations: PerPipeline<Destination>;
}

/** One place that the flow is sent to. */
export type Output = OutputBase & (SrtOutputLink | RtmpOutputLink | RtpOutputLink);

export interface OutputBase {
  readonly id: string;
  readonly name: string;
  readonly regionId: string;
  readonly description: string;
}

/**
 * One transfer. `running` is the operator's wish; what is true of it is told by relays (server/lifecycle.ts).
 * `revision` grows with each change that a relay must hear of.
 */
export interface Flow {
  readonly id: string;
  readonly name: string;
  readonly regionId: string;
  readonly maxBitrate: number;
  readonly running: boolean;
  readonly revision: number;
  readonly createdAt: number;
  readonly input: Input;
  readonly outputs: readonly Output[];
  /** UDP ports on which relays take this flow in from another relay. */
  readonly hops: readonly Hop[];
}

/** What is known of a flow whose input was not created yet: it cannot run, and holds no port. */
export type WaitingFlow = Pick<Flow, 'id' | 'name' | 'regionId' | 'maxBitrate' | 'createdAt'>;

/** `regionId` is where the hop ends: another region's relay, or with failover the flow's own, from its other pipeline. */
export interface Hop {
  readonly use: HopUse;
  readonly regionId: string;
  readonly pipeline: Pipeline;
  readonly port: number;
}

export type HopUse = 'region' | 'cross';

/** What is true of a flow, from the operator's wish and what relays report. */
export type FlowState = 'idle' | 'starting' | 'running' | 'stopping';

export type {
  Alarm,
  AlarmKind,
  AlarmPlace,
  AlarmRule,
  Delivery,
  DeliveryEnd,
  DeliveryType,
  Webhook,
} from './alarm-model.ts';
