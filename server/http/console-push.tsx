/** Makes the fragments that server/http/live.ts sends to open pages. */
import {
  AlarmCountPush,
  AlarmsPush,
  EventsPush,
  GonePush,
  ListPush,
  MeasuredPush,
  StripPush,
  SummaryPush,
  WholePush,
} from '../../web/views/push.tsx';
import { noted } from '../alarm-kinds.ts';
import type { AlarmDesk } from '../alarms.ts';
import type { LiveFlow } from '../monitor.ts';
import { type PageGround, toFlowPage } from './console-page.ts';
import type { LiveRenderer } from './live-feed.ts';

export interface RendererGround extends PageGround {
  readonly alarms: Pick<AlarmDesk, 'firing'>;
}

export function createLiveRenderer(ground: RendererGround): LiveRenderer {
  const regions = ground.flows.regions();
  const page = (live: LiveFlow) => toFlowPage(live, ground);
  const inRegion = (flows: readonly LiveFlow[], regionId?: string) =>
    flows.filter(({ flow }) => !regionId || flow.regionId === regionId);
  return {
    list: (flows, regionId) => (<ListPush flows={flows} regions={regions} regionId={regionId} />).toString(),
    summary: (flows, regionId) => (<SummaryPush flows={inRegion(flows, regionId)} />).toString(),
    strip: (live) => (<StripPush view={live} regions={regions} />).toString(),
    measured: (live) => (<MeasuredPush page={page(live)} />).toString(),
    events: (live) => (<EventsPush page={page(live)} />).toString(),
    whole: (live) => (<WholePush page={page(live)} />).toString(),
    alarms: () => (<AlarmsPush firing={ground.alarms.firing().map(noted)} />).toString(),
    alarmCount: () => (<AlarmCountPush count={ground.alarms.firing().length} />).toString(),
    gone: () => (<GonePush />).toString(),
  };
}
