/** Makes the fragments that server/http/live-list.ts sends to open lists. */
import { listUrl, readListQuery, selectFlows } from '../../web/views/list-query.ts';
import { CountsPush, GoneStripPush, ListNewsPush, RatePush, StripPush } from '../../web/views/push.tsx';
import { toRow } from './console-list.tsx';
import type { PageGround } from './console-page.ts';
import type { ListRenderer } from './live-list.ts';

export function createListRenderer({ flows, health }: PageGround): Omit<ListRenderer, 'speak'> {
  const regions = flows.regions();
  return {
    select: (views, search) => {
      const asked = new URLSearchParams(search);
      const query = readListQuery((name) => asked.get(name) ?? undefined);
      const { shown, counts, page } = selectFlows(views, query, regions);
      return {
        ids: shown.map(({ flow }) => flow.id),
        url: listUrl({ ...query, page }),
        counts: (<CountsPush counts={counts} />).toString(),
      };
    },
    strip: (live) => (<StripPush row={toRow(live, health)} regions={regions} />).toString(),
    rate: (live) => (<RatePush row={toRow(live, health)} />).toString(),
    goneStrip: (flowId, name) => (<GoneStripPush flowId={flowId} name={name} />).toString(),
    news: (news, url) => (<ListNewsPush news={news} url={url} />).toString(),
  };
}
