/** Copy buttons: `data-copy` names the element whose text is taken. */
import { t } from './words.ts';

const SHOWN_MS = 2000;

export function offerCopies(document: Document): void {
  document.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('[data-copy]') : null;
    const source = button && document.getElementById(button.getAttribute('data-copy') ?? '');
    if (button && source) void copy(source).then((copied) => confirm(button, copied ? t('Copied') : t('Press Ctrl+C')));
  });
}

/** Browsers give the clipboard to https and localhost only; elsewhere the text is selected and copied the old way. */
async function copy(source: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(source.textContent ?? '');
    return true;
  } catch {
    // No clipboard here, or no permission: the selection is the way that is left, and what is hidden cannot be selected.
    source.closest('details')?.setAttribute('open', '');
    window.getSelection()?.selectAllChildren(source);
    return document.execCommand('copy');
  }
}

function confirm(button: Element, word: string): void {
  const label = button.querySelector('[data-copy-word]');
  if (!label) return;
  label.textContent = word;
  button.classList.add('done');
  setTimeout(() => {
    label.textContent = t('Copy');
    button.classList.remove('done');
  }, SHOWN_MS);
}
