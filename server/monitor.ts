/** What an operator can WATCH: the live state of flows and endpoints, as relays report it. */
import type { Flow, FlowState } from '../db/model.ts';
import type { EndpointStatus } from '../relay/contract/messages.ts';

/** A flow with what is true of it now. Endpoints of relays that fell silent are absent: unknown is not shown as known. */
export interface LiveFlow {
  readonly flow: Flow;
  readonly state: FlowState;
  readonly endpoints: readonly EndpointStatus[];
  /** True when a relay that this flow needs has not reported for some seconds. */
  readonly relayLost: boolean;
}

export interface Monitor {
  live(flow: Flow): LiveFlow;
  /** `onChange` hears the ids of flows whose live state changed, at most a few times a second. Returns the way to stop. */
  subscribe(onChange: (flowIds: ReadonlySet<string>) => void): () => void;
}
