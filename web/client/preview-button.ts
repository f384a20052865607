/** Brings the player, which is larger than all the rest of the console, when a preview is first asked for. */
import { t } from './words.ts';

/** Tells the player that a box is wanted. It looks for boxes marked `data-wanted` when it starts, too. */
export const WANTED = 'preview-wanted';

export function offerPreviews(document: Document): void {
  document.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('[data-preview-open]') : null;
    const box = button?.closest<HTMLElement>('[data-preview]');
    if (!box) return;
    box.dataset['wanted'] = '';
    if (document.getElementById('player')) box.dispatchEvent(new Event(WANTED, { bubbles: true }));
    else load(document, box);
  });
}

/** The same version as this script's own. */
function load(document: Document, box: HTMLElement): void {
  const script = document.createElement('script');
  script.id = 'player';
  script.type = 'module';
  script.src = `/static/preview.js${new URL(import.meta.url).search}`;
  script.addEventListener('error', () => {
    script.remove();
    const status = box.querySelector('.preview-status');
    if (status)
      status.textContent = t('The player could not be loaded. Check your connection and press Preview again.');
  });
  document.head.append(script);
}
