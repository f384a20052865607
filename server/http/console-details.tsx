/** A flow's page with its tabs. */
import type { Context, Hono } from 'hono';
import { FlowDetailsPage, TabView } from '../../web/views/flow.tsx';
import { type FlowPage, type LiveTab, liveTabs, tabUrl } from '../../web/views/props.ts';
import type { Refusal } from '../refusal.ts';
import type { Page } from './console-answers.tsx';
import type { Desk } from './console-desk.ts';
import { sayRefusal } from './console-refusals.ts';
import { toFlowPage } from './console-page.ts';
import { flowLivePath } from './live-paths.ts';

export function mountDetails(app: Hono, desk: Desk): void {
  for (const tab of liveTabs)
    app.get(tabUrl(':id', tab), async (c) => desk.answer(c, detailsPage(await pageOf(c, desk), tab)));
}

/** With the newest lines of its log. */
export async function pageOf(c: Context, desk: Desk): Promise<FlowPage> {
  const live = await desk.look(c);
  return toFlowPage(live, desk, await desk.recent.of(live.flow.id));
}

export const detailsPage = (page: FlowPage, tab: LiveTab, refusal?: Refusal): Page => ({
  title: page.flow.name,
  body: <FlowDetailsPage page={page} tab={tab} refusal={refusal && sayRefusal(refusal)} />,
  fragment: <TabView page={page} tab={tab} />,
  live: flowLivePath(page),
});

export const tabOf = (value: string | undefined): LiveTab => liveTabs.find((tab) => tab === value) ?? 'information';
