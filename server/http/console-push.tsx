/** Makes the fragments that server/http/live.ts sends to open pages. */
import type { LogEvent } from '../../db/history-model.ts';
import { AlarmCountPush, AlarmsPush, EventsPush, GonePush, MeasuredPush, WholePush } from '../../web/views/push.tsx';
import { chooseLanguage, inLanguage } from '../../web/views/language.ts';
import { noted } from '../alarm-kinds.ts';
import type { AlarmDesk } from '../alarms.ts';
import type { LiveFlow } from '../monitor.ts';
import { type PageGround, toFlowPage } from './console-page.ts';
import { createListRenderer } from './console-list-push.tsx';
import { logRenderer } from './console-log-push.tsx';
import type { LiveRenderer } from './live-feed.ts';
import type { ListRenderer } from './live-list.ts';
import type { LogRenderer } from './live-log.ts';

export interface RendererGround extends PageGround {
  readonly alarms: Pick<AlarmDesk, 'firing'>;
}

export function createLiveRenderer(ground: RendererGround): LiveRenderer & ListRenderer & LogRenderer {
  const page = (live: LiveFlow, events?: readonly LogEvent[]) => toFlowPage(live, ground, events);
  return {
    ...logRenderer,
    ...createListRenderer(ground),
    measured: (live, events) => (<MeasuredPush page={page(live, events)} />).toString(),
    speak: (language, make) => inLanguage(chooseLanguage(language), make),
    events: (live, events) => (<EventsPush page={page(live, events)} />).toString(),
    whole: (live, events) => (<WholePush page={page(live, events)} />).toString(),
    alarms: () => (<AlarmsPush firing={ground.alarms.firing().map(noted)} />).toString(),
    alarmCount: () => (<AlarmCountPush count={ground.alarms.firing().length} />).toString(),
    gone: () => (<GonePush />).toString(),
  };
}
