/** Flows, drafts and plans in good order, with what a test wants different. */
import type { FailoverSetting, Flow, Input, InputBase, Output } from '../../db/model.ts';
import type { PipelinePlan, SinkSpec, SourceSpec, SpecOf } from '../../relay/contract/messages.ts';
import type { FlowDraft, OutputDraft } from '../../server/drafts.ts';

type SrtInput = SpecOf<Input, 'srt'>;
type SrtOutput = SpecOf<Output, 'srt'>;
type SrtOutputDraft = SpecOf<OutputDraft, 'srt'>;

const base: InputBase = {
  id: 'input-1',
  name: 'Camera 1',
  allowlist: ['0.0.0.0/0'],
  description: '',
  ports: { primary: 20_000, backup: 20_001 },
};

/** Over SRT, where a name does not say otherwise. */
export const input = (changes: Partial<SrtInput> = {}): SrtInput => ({
  ...base,
  protocol: 'srt',
  latencyMs: 120,
  ...changes,
});

export const output = (changes: Partial<SrtOutput> = {}): SrtOutput => ({
  id: 'output-1',
  name: 'Studio',
  regionId: 'asia',
  protocol: 'srt',
  latencyMs: 120,
  description: '',
  destinations: { primary: { host: '198.51.100.1', port: 9000 } },
  ...changes,
});

export const rtmpInput = (changes: Partial<SpecOf<Input, 'rtmp'>> = {}): SpecOf<Input, 'rtmp'> => ({
  ...base,
  protocol: 'rtmp',
  streamKeys: { primary: 'key-of-primary', backup: 'key-of-backup' },
  ...changes,
});

export const rtpInput = (changes: Partial<SpecOf<Input, 'rtp'>> = {}): SpecOf<Input, 'rtp'> => ({
  ...base,
  protocol: 'rtp',
  bareTs: false,
  ...changes,
});

export const rtmpOutput = (changes: Partial<SpecOf<Output, 'rtmp'>> = {}): SpecOf<Output, 'rtmp'> => ({
  id: 'output-1',
  name: 'Platform',
  regionId: 'asia',
  protocol: 'rtmp',
  description: '',
  destinations: { primary: { url: 'rtmps://live.example.com/app', streamKey: 'key-of-platform' } },
  ...changes,
});

export const rtpOutput = (changes: Partial<SpecOf<Output, 'rtp'>> = {}): SpecOf<Output, 'rtp'> => ({
  id: 'output-1',
  name: 'Head end',
  regionId: 'asia',
  protocol: 'rtp',
  ttl: 16,
  bareTs: false,
  description: '',
  destinations: { primary: { host: '239.0.0.1', port: 5004 } },
  ...changes,
});

/** In the region `asia`, idle, without outputs. */
export const flow = (changes: Partial<Flow> = {}): Flow => ({
  id: 'flow-1',
  name: 'News',
  regionId: 'asia',
  maxBitrate: 10_000_000,
  running: false,
  revision: 1,
  createdAt: 1000,
  input: input(),
  outputs: [],
  hops: [],
  ...changes,
});

export const failover: FailoverSetting = { preferred: 'primary', autoReturn: true, order: 0 };

export const regions = [
  { id: 'asia', name: 'Asia' },
  { id: 'europe', name: 'Europe' },
];

export const flowDraft = (changes: Partial<FlowDraft> = {}): FlowDraft => ({
  name: 'News',
  regionId: 'asia',
  maxBitrate: 10_000_000,
  input: { name: 'Camera 1', protocol: 'srt', latencyMs: 120, allowlist: ['0.0.0.0/0'], description: '' },
  ...changes,
});

export const outputDraft = (changes: Partial<SrtOutputDraft> = {}): SrtOutputDraft => ({
  name: 'Studio',
  regionId: 'asia',
  protocol: 'srt',
  latencyMs: 120,
  description: '',
  destinations: { primary: { host: '198.51.100.1', port: 9000 } },
  ...changes,
});

export const sourceSpec = (changes: Partial<SpecOf<SourceSpec, 'srt'>> = {}): SpecOf<SourceSpec, 'srt'> => ({
  protocol: 'srt',
  latencyMs: 120,
  host: '0.0.0.0',
  port: 20_000,
  allowlist: ['0.0.0.0/0'],
  ...changes,
});

export const sinkSpec = (changes: Partial<SpecOf<SinkSpec, 'srt'>> = {}): SpecOf<SinkSpec, 'srt'> => ({
  protocol: 'srt',
  latencyMs: 120,
  id: 'output-1',
  host: '198.51.100.1',
  port: 9000,
  ...changes,
});

export const plan = (changes: Partial<PipelinePlan> = {}): PipelinePlan => ({
  pipeline: 'primary',
  maxBitrate: 10_000_000,
  sourceId: 'input',
  source: sourceSpec(),
  sinks: [sinkSpec()],
  ...changes,
});
