/** A flow as relays report it, for what is said of alarms: one input on two pipelines, one output. */
import type { AlarmKind, AlarmRule } from '../../db/alarm-model.ts';
import type { Flow } from '../../db/model.ts';
import type { EndpointHealth } from '../../relay/contract/health.ts';
import type { EndpointStatus } from '../../relay/contract/messages.ts';
import type { Pipeline } from '../../relay/contract/settings.ts';
import { kindOf } from '../../server/alarm-kinds.ts';
import type { Scene } from '../../server/alarm-readings.ts';
import { endpoint } from './console-house.ts';
import * as samples from './samples.ts';

export const ruleOf = (kind: AlarmKind, changes: Partial<AlarmRule> = {}): AlarmRule => {
  const { holdMs, clearMs } = kindOf(kind);
  return { id: `rule of ${kind}`, kind, enabled: true, holdMs, clearMs, createdAt: 0, ...changes };
};

export const output = samples.output();
export const flow: Flow = samples.flow({ running: true, outputs: [output] });

export const input = (pipeline: Pipeline, changes: Partial<EndpointStatus> = {}): EndpointStatus =>
  endpoint(flow.id, { pipeline, ...changes });

export const sink = (pipeline: Pipeline, changes: Partial<EndpointStatus> = {}): EndpointStatus =>
  endpoint(flow.id, { pipeline, id: output.id, role: 'sink', ...changes });

export interface SceneWish {
  readonly flow?: Flow;
  readonly endpoints?: readonly EndpointStatus[];
  readonly health?: Partial<EndpointHealth>;
  readonly running?: boolean;
  readonly relays?: Scene['relays'];
  readonly storageFailed?: boolean;
}

export const sceneOf = ({
  flow: one = flow,
  endpoints = [],
  health,
  running = true,
  relays = [],
  storageFailed = false,
}: SceneWish): Scene => ({
  flows: [{ flow: { ...one, running }, state: running ? 'running' : 'idle', endpoints, relayLost: false }],
  vitals: {
    of: ({ flowId, pipeline, id }) => health && { flowId, pipeline, id, values: {}, tracks: [], ...health },
  },
  relays,
  storageFailed,
});
