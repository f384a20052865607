/** Makes the fragments that server/http/live.ts sends to open pages. */
import type { LogEvent } from '../../db/history-model.ts';
import { EventsPush, GonePush, MeasuredPush, WholePush } from '../../web/views/push.tsx';
import { chooseLanguage, inLanguage } from '../../web/views/language.ts';
import type { LiveFlow } from '../monitor.ts';
import { type PageGround, toFlowPage } from './console-page.ts';
import { createListRenderer } from './console-list-push.tsx';
import { logRenderer } from './console-log-push.tsx';
import type { LiveRenderer } from './live-feed.ts';
import type { ListRenderer } from './live-list.ts';
import type { LogRenderer } from './live-log.ts';

export function createLiveRenderer(ground: PageGround): LiveRenderer & ListRenderer & LogRenderer {
  const page = (live: LiveFlow, events?: readonly LogEvent[]) => toFlowPage(live, ground, events);
  return {
    ...logRenderer,
    ...createListRenderer(ground),
    measured: (live) => (<MeasuredPush page={page(live)} />).toString(),
    speak: (language, make) => inLanguage(chooseLanguage(language), make),
    events: (live, events) => (<EventsPush page={page(live, events)} />).toString(),
    whole: (live, events) => (<WholePush page={page(live, events)} />).toString(),
    gone: () => (<GonePush />).toString(),
  };
}
