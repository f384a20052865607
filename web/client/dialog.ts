/** Opens what htmx puts into #dialog as a native dialog, and closes it again. */

export function openDialogs(document: Document): void {
  const dialog = document.getElementById('dialog');
  if (!(dialog instanceof HTMLDialogElement)) return;
  document.addEventListener('htmx:after:swap', () => {
    if (dialog.childElementCount > 0 && !dialog.open) dialog.showModal();
  });
  dialog.addEventListener('click', (event) => {
    const { target } = event;
    const closes = target === dialog || (target instanceof Element && target.closest('[data-close]') !== null);
    if (!closes) return;
    event.preventDefault();
    dialog.close();
  });
  dialog.addEventListener('close', () => dialog.replaceChildren());
}
