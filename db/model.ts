/** The product's nouns (types only). Times are epoch ms UTC; bit rates are bit/s. */
import type { KeyLength, Pipeline, Protocol } from '../relay/contract/settings.ts';

/** Where an operator wants a relay; a label. Edited in the settings file regions.json. */
export interface Region {
  readonly id: string;
  readonly name: string;
}

/** The passphrase is kept sealed and shown to nobody; `passphrase` is present only on its way in or to a relay. */
export interface EncryptionSetting {
  readonly keyLength: KeyLength;
  readonly passphrase: string;
}

/** What the operator configured as the one source of a flow, for both pipelines. */
export interface Input {
  readonly id: string;
  readonly name: string;
  readonly protocol: Protocol;
  readonly latencyMs: number;
  readonly encryption?: EncryptionSetting;
  /** CIDR ranges that may push; at least one. */
  readonly allowlist: readonly string[];
  readonly description: string;
  /** The UDP port of each pipeline: given at creation, kept until the flow is deleted. */
  readonly ports: Readonly<Record<Pipeline, number>>;
}

export interface Destination {
  readonly host: string;
  readonly port: number;
}

/** One place that the flow is sent to. The backup destination may be absent. */
export interface Output {
  readonly id: string;
  readonly name: string;
  readonly regionId: string;
  readonly protocol: Protocol;
  readonly latencyMs: number;
  readonly encryption?: EncryptionSetting;
  readonly description: string;
  readonly destinations: { readonly primary: Destination; readonly backup?: Destination };
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
  /** UDP ports on which other regions' relays take this flow in: one per output region and pipeline. */
  readonly hops: readonly Hop[];
}

export interface Hop {
  readonly regionId: string;
  readonly pipeline: Pipeline;
  readonly port: number;
}

/** What is true of a flow, from the operator's wish and what relays report. */
export type FlowState = 'idle' | 'starting' | 'running' | 'stopping';
