/** The flow list: a page for what its URL asks for. */
import type { Hono } from 'hono';
import { compress } from 'hono/compress';
import { FlowList, FlowListPage } from '../../web/views/flow-list.tsx';
import type { FlowRow } from '../../web/views/flow-row.tsx';
import { listUrl, readListQuery, selectFlows } from '../../web/views/list-query.ts';
import { t } from '../../web/views/language.ts';
import type { HealthDesk } from '../health.ts';
import type { LiveFlow } from '../monitor.ts';
import type { Desk } from './console-desk.ts';
import { wantsFragment } from './guard.ts';
import { LIST_LIVE_PATH, lookOf } from './live-paths.ts';

/** Compressed: a hundred flows are alike. There is no secret on the page that its length could tell of. */
export function mountList(app: Hono, desk: Desk): void {
  const { flows, waiting, monitor, health, answer } = desk;
  app.get('/', compress(), async (c) => {
    const views = (await flows.list()).map((flow) => monitor.live(flow));
    const query = readListQuery((name) => c.req.query(name));
    const regions = flows.regions();
    const { shown, ...found } = selectFlows(views, query, regions);
    const rows = shown.map((view) => toRow(view, health));
    const props = { ...found, query, rows, regions, all: views.length, waiting: waiting?.list() };
    if (wantsFragment(c)) c.header('HX-Replace-Url', listUrl({ ...query, page: found.page }));
    return answer(c, {
      title: t('Flows'),
      body: <FlowListPage {...props} />,
      fragment: <FlowList {...props} />,
      live: LIST_LIVE_PATH,
      script: 'list',
    });
  });
  app.get('/flows', (c) => c.redirect('/', 303));
}

export const toRow = (view: LiveFlow, health: Pick<HealthDesk, 'inputRates'>): FlowRow => ({
  view,
  rates: view.state === 'idle' ? [] : health.inputRates(view.flow.id),
  seen: lookOf(view),
});
