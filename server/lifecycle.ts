/** The state of a flow: never stored, always derived from the operator's wish and what relays say they run. */
import type { Flow, FlowState } from '../db/model.ts';

/** What is known of one relay that may take part: the revision of the flow it runs, if any. */
export interface Holding {
  /** Is the flow placed on this relay now? */
  readonly needed: boolean;
  readonly applied: number | undefined;
}

/** `holdings` has one entry for each relay that the flow is placed on or that still runs it. */
export function flowState(flow: Flow, holdings: readonly Holding[]): FlowState {
  if (!flow.running) return holdings.some(({ applied }) => applied !== undefined) ? 'stopping' : 'idle';
  return holdings.every(({ needed, applied }) => !needed || applied === flow.revision) ? 'running' : 'starting';
}
