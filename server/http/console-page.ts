/** What a flow's page is handed: the flow as it is now, where encoders push to, and what happened lately. */
import type { FlowPage } from '../../web/views/props.ts';
import { type PublicPlaces, pushAddress } from '../addresses.ts';
import type { Flows } from '../flows.ts';
import type { HealthDesk } from '../health.ts';
import type { LiveFlow, Monitor } from '../monitor.ts';

export interface PageGround extends PublicPlaces {
  readonly flows: Pick<Flows, 'regions'>;
  readonly monitor: Pick<Monitor, 'events'>;
  readonly health: Pick<HealthDesk, 'failingSince' | 'now'>;
}

export const toFlowPage = (live: LiveFlow, ground: PageGround): FlowPage => ({
  ...live,
  addresses: {
    primary: pushAddress(live.flow, 'primary', ground),
    backup: pushAddress(live.flow, 'backup', ground),
  },
  regions: ground.flows.regions(),
  events: ground.monitor.events(live.flow.id),
  at: Date.now(),
  readings: ground.health.now(live.flow.id),
  failingSince: ground.health.failingSince(),
});
