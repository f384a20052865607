/** What an operator can DO. All ways in call these; every rule that forbids one is in rules.ts. */
import type { Flow, Output, Region } from '../db/model.ts';
import type { FlowDraft, FlowEdit, InputEdit, OutputDraft, OutputEdit } from './drafts.ts';

/** Each promise rejects with a Refusal where the rules say no; nothing is changed then. */
export interface Flows {
  regions(): readonly Region[];
  /** The maximum bandwidths on offer, in bit/s, ascending. */
  bandwidths(): readonly number[];
  list(): Promise<readonly Flow[]>;
  get(flowId: string): Promise<Flow>;
  create(draft: FlowDraft): Promise<Flow>;
  rename(flowId: string, edit: FlowEdit): Promise<Flow>;
  editInput(flowId: string, edit: InputEdit): Promise<Flow>;
  addOutput(flowId: string, draft: OutputDraft): Promise<Output>;
  editOutput(flowId: string, outputId: string, edit: OutputEdit): Promise<Output>;
  deleteOutput(flowId: string, outputId: string): Promise<void>;
  start(flowId: string): Promise<Flow>;
  stop(flowId: string): Promise<Flow>;
  delete(flowId: string): Promise<void>;
}
