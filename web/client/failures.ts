/** Tells when a request of htmx came to nothing, so that no click is silently lost. */
import { responseStatusOf } from './htmx-event.ts';
import { t } from './words.ts';

const SHOWN_MS = 8000;
/** What the server refuses in words comes as a form or a page (507: no port is left). */
const isTold = (status: number): boolean => status < 500 || status === 507;

export function tellFailures(document: Document): void {
  const toast = document.getElementById('toast');
  if (!toast) return;
  let timer = 0;
  const tell = (words: string) => {
    toast.textContent = words;
    toast.hidden = false;
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      toast.hidden = true;
    }, SHOWN_MS);
  };
  document.addEventListener('htmx:response:error', (event) => {
    const status = responseStatusOf(event);
    if (status === undefined || !isTold(status))
      tell(t('The server failed. Its log says why. Reload to see what is true.'));
  });
  document.addEventListener('htmx:error', (event) => {
    if (responseStatusOf(event) === undefined) tell(t('The server cannot be reached. Nothing was changed.'));
  });
}
