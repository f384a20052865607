/** The button that starts a flow, wherever it stands. A flow without outputs cannot be started. */
import { t } from './language.ts';
import type { FlowPage, Tab } from './props.ts';

export const StartForm = ({ page, tab, id }: { page: FlowPage; tab: Tab; id: string }) => {
  const action = `/flows/${page.flow.id}/start`;
  return (
    <form
      method="post"
      action={action}
      hx-post={action}
      hx-target="#flow-head"
      hx-swap="outerHTML"
      hx-disable="find button"
    >
      <input type="hidden" name="tab" value={tab} />
      <button class="button primary" id={id} type="submit" disabled={page.flow.outputs.length === 0}>
        {t('Start')}
      </button>
    </form>
  );
};
