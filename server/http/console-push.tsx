/** Makes the fragments that server/http/live.ts sends to open pages. */
import type { LogEvent } from '../../db/history-model.ts';
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
import { chooseLanguage, inLanguage } from '../../web/views/language.ts';
import { noted } from '../alarm-kinds.ts';
import type { AlarmDesk } from '../alarms.ts';
import type { LiveFlow } from '../monitor.ts';
import { type PageGround, toFlowPage } from './console-page.ts';
import { logRenderer } from './console-log-push.tsx';
import type { LiveRenderer } from './live-feed.ts';
import type { LogRenderer } from './live-log.ts';

export interface RendererGround extends PageGround {
  readonly alarms: Pick<AlarmDesk, 'firing'>;
}

export function createLiveRenderer(ground: RendererGround): LiveRenderer & LogRenderer {
  const regions = ground.flows.regions();
  const page = (live: LiveFlow, events?: readonly LogEvent[]) => toFlowPage(live, ground, events);
  const inRegion = (flows: readonly LiveFlow[], regionId?: string) =>
    flows.filter(({ flow }) => !regionId || flow.regionId === regionId);
  return {
    ...logRenderer,
    list: (flows, regionId) => (<ListPush flows={flows} regions={regions} regionId={regionId} />).toString(),
    summary: (flows, regionId) => (<SummaryPush flows={inRegion(flows, regionId)} />).toString(),
    strip: (live) => (<StripPush view={live} regions={regions} />).toString(),
    measured: (live, events) => (<MeasuredPush page={page(live, events)} />).toString(),
    speak: (language, make) => inLanguage(chooseLanguage(language), make),
    events: (live, events) => (<EventsPush page={page(live, events)} />).toString(),
    whole: (live, events) => (<WholePush page={page(live, events)} />).toString(),
    alarms: () => (<AlarmsPush firing={ground.alarms.firing().map(noted)} />).toString(),
    alarmCount: () => (<AlarmCountPush count={ground.alarms.firing().length} />).toString(),
    gone: () => (<GonePush />).toString(),
  };
}
