/** What a script adds to forms: a made key, the reader's own address, and that no typed secret is lost with a refused form. */
import { madeKey } from './made-key.ts';

export function helpForms(document: Document): void {
  document.addEventListener('click', ({ target }) => {
    if (!(target instanceof Element)) return;
    const maker = target.closest('[data-make-key]');
    const filler = target.closest('[data-fill]');
    if (maker) void makeKey(document, maker.getAttribute('data-make-key') ?? '');
    else if (filler) fill(document, filler.getAttribute('data-into') ?? '', filler.getAttribute('data-fill') ?? '');
  });
  const main = document.getElementById('main');
  if (main?.querySelector('#form')) keepForm(main);
}

async function makeKey(document: Document, id: string): Promise<void> {
  const field = document.getElementById(id);
  const told = document.getElementById(`${id}-made`);
  if (!(field instanceof HTMLInputElement)) return;
  field.type = 'text';
  fill(
    document,
    id,
    madeKey((into) => crypto.getRandomValues(into)),
  );
  field.select();
  const copied = await copy(document, field.value);
  if (told) told.textContent = told.dataset[copied ? 'copied' : 'made'] ?? '';
}

async function copy(document: Document, text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Browsers give the clipboard to https and localhost only; the field is selected, so the old way may do.
    return document.execCommand('copy');
  }
}

/** As if it had been typed: the field is then checked. */
function fill(document: Document, id: string, value: string): void {
  const field = document.getElementById(id);
  if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return;
  field.value = value;
  field.dispatchEvent(new Event('change', { bubbles: true }));
}

/** A fault that comes or goes beside its field is told to its control; secrets that were typed outlive a refused form. */
function keepForm(main: HTMLElement): void {
  let typed: readonly HTMLInputElement[] = [];
  main.addEventListener('submit', () => (typed = secretsOf(main)), true);
  new MutationObserver(() => {
    for (const old of typed) restore(main, old);
    for (const error of main.querySelectorAll('.error')) mark(main, error);
    // htmx puts the attributes of what it has swapped in a moment later.
  }).observe(main, { childList: true, subtree: true, attributeFilter: ['aria-invalid'] });
}

const secretsOf = (main: HTMLElement): readonly HTMLInputElement[] => [
  ...main.querySelectorAll<HTMLInputElement>('input[data-secret]'),
];

function restore(main: HTMLElement, old: HTMLInputElement): void {
  const field = main.querySelector(`#${CSS.escape(old.id)}`);
  if (!(field instanceof HTMLInputElement) || field === old || field.value !== '' || old.value === '') return;
  field.value = old.value;
  main.querySelector(`#${CSS.escape(old.id)}-error [data-emptied]`)?.remove();
}

function mark(main: HTMLElement, error: Element): void {
  const control = main.querySelector(`#${CSS.escape(error.id.replace(/-error$/, ''))}`);
  const wrong = error.childElementCount > 0;
  error.closest('.field')?.classList.toggle('wrong', wrong);
  if (control && wrong !== control.hasAttribute('aria-invalid')) control.toggleAttribute('aria-invalid', wrong);
  if (control?.getAttribute('aria-invalid') === '') control.setAttribute('aria-invalid', 'true');
}
