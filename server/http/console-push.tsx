/** Makes the fragments that server/http/live.ts sends to open pages. */
import type { Region } from '../../db/model.ts';
import { GonePush, ListPush, MeasuredPush, StripPush, SummaryPush, WholePush } from '../../web/views/push.tsx';
import type { LiveFlow } from '../monitor.ts';
import type { LiveRenderer } from './live-feed.ts';

export interface RendererDeps {
  readonly regions: readonly Region[];
  readonly publicHost: string;
}

export function createLiveRenderer(deps: RendererDeps): LiveRenderer {
  const { regions } = deps;
  const page = (live: LiveFlow) => ({ ...live, ...deps });
  const inRegion = (flows: readonly LiveFlow[], regionId?: string) =>
    flows.filter(({ flow }) => !regionId || flow.regionId === regionId);
  return {
    list: (flows, regionId) => (<ListPush flows={flows} regions={regions} regionId={regionId} />).toString(),
    summary: (flows, regionId) => (<SummaryPush flows={inRegion(flows, regionId)} />).toString(),
    strip: (live) => (<StripPush view={live} regions={regions} />).toString(),
    measured: (live) => (<MeasuredPush page={page(live)} />).toString(),
    whole: (live) => (<WholePush page={page(live)} />).toString(),
    gone: () => (<GonePush />).toString(),
  };
}
