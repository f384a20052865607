/** What a flow's page is handed: the flow as it is now, where encoders push to, and what happened lately. */
import type { LogEvent } from '../../db/history-model.ts';
import type { FlowPage } from '../../web/views/props.ts';
import { type PublicPlaces, pushAddress } from '../addresses.ts';
import type { Flows } from '../flows.ts';
import type { HealthDesk } from '../health.ts';
import type { LiveFlow } from '../monitor.ts';

export interface PageGround extends PublicPlaces {
  readonly flows: Pick<Flows, 'regions'>;
  readonly health: Pick<HealthDesk, 'failingSince' | 'inputRates' | 'now'>;
}

/** `events`: the newest lines of its log; undefined where they cannot be read, or are not shown. */
export const toFlowPage = (live: LiveFlow, ground: PageGround, events?: readonly LogEvent[]): FlowPage => ({
  ...live,
  addresses: {
    primary: pushAddress(live.flow, 'primary', ground),
    backup: pushAddress(live.flow, 'backup', ground),
  },
  regions: ground.flows.regions(),
  events,
  at: Date.now(),
  readings: ground.health.now(live.flow.id),
  failingSince: ground.health.failingSince(),
});
