/** What an operator can WATCH: the live state of flows and endpoints, as relays report it. */
import type { Flow, FlowState } from '../db/model.ts';
import type { EndpointStatus } from '../relay/contract/messages.ts';
import type { NotedAlarm } from './alarm-kinds.ts';
import type { Fleet } from './fleet.ts';

/** Changes are told to watchers this often at most. */
const TELL_EVERY_MS = 200;

/** A flow with what is true of it now. Endpoints of relays that fell silent are absent: unknown is not shown as known. */
export interface LiveFlow {
  readonly flow: Flow;
  readonly state: FlowState;
  readonly endpoints: readonly EndpointStatus[];
  /** True when a relay that this flow needs has not reported for some seconds. */
  readonly relayLost: boolean;
  /** Those of this flow that fire now, oldest first; absent where nobody looks for any. */
  readonly alarms?: readonly NotedAlarm[];
}

export interface Monitor {
  live(flow: Flow): LiveFlow;
  /** `onChange` hears the ids of flows whose live state changed, at most a few times a second. Returns the way to stop. */
  subscribe(onChange: (flowIds: ReadonlySet<string>) => void): () => void;
}

export function createMonitor(fleet: Fleet): Monitor {
  return {
    live: (flow) => ({
      flow,
      state: fleet.state(flow),
      endpoints: fleet.endpoints(flow),
      relayLost: fleet.isLost(flow),
    }),
    subscribe: (onChange) => {
      let pending = new Set<string>();
      let timer: NodeJS.Timeout | undefined;
      const tell = (): void => {
        const flowIds = pending;
        pending = new Set();
        timer = undefined;
        onChange(flowIds);
      };
      const stop = fleet.subscribe((flowIds) => {
        for (const flowId of flowIds) pending.add(flowId);
        timer ??= setTimeout(tell, TELL_EVERY_MS);
      });
      return () => {
        clearTimeout(timer);
        stop();
      };
    },
  };
}
