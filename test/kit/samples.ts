/** Flows, drafts and plans in good order, with what a test wants different. */
import type { Flow, Input, Output } from '../../db/model.ts';
import type { PipelinePlan, SinkSpec, SourceSpec, SpecOf } from '../../relay/contract/messages.ts';
import type { FlowDraft, OutputDraft } from '../../server/drafts.ts';

type SrtInput = SpecOf<Input, 'srt'>;
type SrtOutput = SpecOf<Output, 'srt'>;
type SrtOutputDraft = SpecOf<OutputDraft, 'srt'>;

/** Over SRT, as all samples: what is told of other protocols, a test spells out. */
export const input = (changes: Partial<SrtInput> = {}): SrtInput => ({
  id: 'input-1',
  name: 'Camera 1',
  protocol: 'srt',
  latencyMs: 120,
  allowlist: ['0.0.0.0/0'],
  description: '',
  ports: { primary: 20_000, backup: 20_001 },
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
