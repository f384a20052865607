/** A whole flow as it may be made anew: what an operator set, with its secrets, and without what the server gave it. */
import type { Flow, Input, Output } from '../db/model.ts';
import type { Pipeline } from '../relay/contract/settings.ts';
import type { FlowDraft, InputDraft, OutputDraft } from './drafts.ts';

export interface FlowCopy {
  readonly draft: FlowDraft;
  readonly outputs: readonly OutputDraft[];
  /** Of an RTMP input; absent: new ones are made. */
  readonly streamKeys?: Readonly<Record<Pipeline, string>> | undefined;
  /** Of the input, as they are wished: where one of them is not free, others are given. */
  readonly ports?: Input['ports'] | undefined;
}

/** Names have 64 characters at most. */
const LONGEST_NAME = 64;

/** Its ports are left out: another flow has them. */
export function copyOf(flow: Flow): FlowCopy {
  const { name, regionId, maxBitrate, input, outputs } = flow;
  return {
    draft: { name, regionId, maxBitrate, input: toInputDraft(input) },
    outputs: outputs.map(toOutputDraft),
    ...(input.protocol === 'rtmp' && { streamKeys: input.streamKeys }),
  };
}

/** `name`, or with a number behind it where another flow has it. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  for (let number = 2, tried = name; ; number++) {
    if (!taken.has(tried)) return tried;
    const end = ` (${number})`;
    tried = name.slice(0, LONGEST_NAME - end.length).trimEnd() + end;
  }
}

function toInputDraft(input: Input): InputDraft {
  const { name, description, failover } = input;
  const base = {
    name,
    description,
    allowlist: [...input.allowlist],
    ...(failover && { failover: { preferred: failover.preferred, autoReturn: failover.autoReturn } }),
  };
  switch (input.protocol) {
    case 'srt': {
      const { protocol, latencyMs, encryption, streamId } = input;
      const link = { ...base, protocol, latencyMs, ...(streamId !== undefined && { streamId }) };
      return { ...link, ...(encryption && { encryption: { ...encryption } }) };
    }
    case 'rtmp':
      return { ...base, protocol: 'rtmp' };
    case 'rtp':
      return {
        ...base,
        protocol: 'rtp',
        bareTs: input.bareTs,
        ...(input.idleTimeoutMs !== undefined && { idleTimeoutMs: input.idleTimeoutMs }),
      };
  }
}

function toOutputDraft(output: Output): OutputDraft {
  const { id: _id, ...draft } = output;
  return draft;
}
