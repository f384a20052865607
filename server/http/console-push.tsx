/** Makes the fragments that server/http/live.ts sends to open pages. */
import {
  EventsPush,
  GonePush,
  ListPush,
  MeasuredPush,
  StripPush,
  SummaryPush,
  WholePush,
} from '../../web/views/push.tsx';
import type { LiveFlow } from '../monitor.ts';
import { type PageGround, toFlowPage } from './console-page.ts';
import { logRenderer } from './console-log-push.tsx';
import type { LiveRenderer } from './live-feed.ts';
import type { LogRenderer } from './live-log.ts';

export function createLiveRenderer(ground: PageGround): LiveRenderer & LogRenderer {
  const regions = ground.flows.regions();
  const page = (live: LiveFlow) => toFlowPage(live, ground);
  const inRegion = (flows: readonly LiveFlow[], regionId?: string) =>
    flows.filter(({ flow }) => !regionId || flow.regionId === regionId);
  return {
    ...logRenderer,
    list: (flows, regionId) => (<ListPush flows={flows} regions={regions} regionId={regionId} />).toString(),
    summary: (flows, regionId) => (<SummaryPush flows={inRegion(flows, regionId)} />).toString(),
    strip: (live) => (<StripPush view={live} regions={regions} />).toString(),
    measured: (live) => (<MeasuredPush page={page(live)} />).toString(),
    events: (live) => (<EventsPush page={page(live)} />).toString(),
    whole: (live) => (<WholePush page={page(live)} />).toString(),
    gone: () => (<GonePush />).toString(),
  };
}
