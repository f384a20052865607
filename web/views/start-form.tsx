/** The button that starts a flow, wherever it stands. A flow without outputs cannot be started. */
import { Icon } from './icon.tsx';
import { t } from './language.ts';
import { type FlowPage, type Tab, tabUrl } from './props.ts';

export const StartForm = ({ page, tab, id }: { page: FlowPage; tab: Tab; id: string }) => {
  const action = `/flows/${page.flow.id}/start`;
  const isLocked = page.flow.outputs.length === 0;
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
      <button
        class="button primary"
        id={id}
        type="submit"
        disabled={isLocked}
        aria-describedby={isLocked ? `${id}-lock` : undefined}
      >
        {t('Start')}
      </button>
      {isLocked && (
        <p class="locked" id={`${id}-lock`}>
          <Icon name="lock" />
          <a href={`${tabUrl(page.flow.id, 'output')}/new`}>{t('Create an output to unlock this.')}</a>
        </p>
      )}
    </form>
  );
};
