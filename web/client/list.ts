/** The flow list: tells the server what it shows, keeps what is ticked, and takes a new order while nobody's hand is near. */
import { socketOf } from './htmx-event.ts';

/** After this long without a touch the reader is thought to have let go of the list. */
const HANDS_OFF_MS = 5000;
/** A list that is sorted by what changes all the time moves no oftener than this. */
const REST_MS = 10_000;

const picked = new Set<string>();
let socket: WebSocket | undefined;
let touchedAt = 0;
let renewedAt = 0;

const boxes = (): HTMLInputElement[] =>
  [...document.querySelectorAll('#selection input[name="flow"]')].filter((it) => it instanceof HTMLInputElement);

/** The question and the flows in their order: changes when the list is swapped, and not when a strip is. */
const shownNow = (): string =>
  [document.getElementById('flow-list')?.dataset['query'], ...boxes().map(({ value }) => value)].join();

/** See server/http/live-list.ts. */
function tellShown(): void {
  const list = document.getElementById('flow-list');
  if (!list || socket?.readyState !== WebSocket.OPEN) return;
  const query = list.dataset['query'] ?? '/';
  const rows = [...list.querySelectorAll<HTMLElement>('.strip[data-seen]')];
  const lines = rows.map(({ id, dataset }) => `${id.replace('flow-', '')} ${dataset['seen'] ?? ''}`);
  socket.send([`show-list ${query.split('?')[1] ?? ''}`, ...lines].join('\n'));
}

/** Boxes that were ticked stay so through a swap; those that are not on the page any more are let go. */
function keepPicked(): void {
  for (const box of boxes()) box.checked = picked.has(box.value);
  readPicked();
}

function readPicked(): void {
  const all = boxes();
  picked.clear();
  for (const { checked, value } of all) if (checked) picked.add(value);
  const every = document.getElementById('select-all');
  if (every instanceof HTMLInputElement) {
    every.closest('label')?.removeAttribute('hidden');
    every.checked = picked.size > 0 && picked.size === all.length;
    every.indeterminate = picked.size > 0 && picked.size < all.length;
  }
  const count = document.getElementById('selected-count');
  if (count) {
    const { none = '', some = '' } = count.dataset;
    count.textContent = picked.size === 0 ? none : some.replace('{count}', String(picked.size));
  }
  for (const button of document.querySelectorAll<HTMLButtonElement>('.selected button')) {
    button.disabled = picked.size === 0;
  }
  document.querySelector('.selected')?.classList.toggle('some', picked.size > 0);
}

const isHandNear = (): boolean =>
  picked.size > 0 ||
  Date.now() - touchedAt < HANDS_OFF_MS ||
  document.querySelector('#flow-list:hover') !== null ||
  (document.activeElement?.closest('#flow-list, #list-filter') ?? null) !== null;

function renewInPeace(): void {
  const refresh = document.getElementById('list-refresh');
  if (!refresh || document.hidden || isHandNear() || Date.now() - renewedAt < REST_MS) return;
  renewedAt = Date.now();
  refresh.click();
}

document.getElementById('live')?.addEventListener('htmx:ws:after:connection', (event) => {
  socket = socketOf(event) ?? socket;
  tellShown();
});
let told = shownNow();
document.addEventListener('htmx:after:swap', () => {
  const shown = shownNow();
  if (shown === told) return;
  told = shown;
  keepPicked();
  tellShown();
});
document.addEventListener('change', ({ target }) => {
  if (!(target instanceof HTMLInputElement) || target.form?.id !== 'selection') return;
  if (target.id === 'select-all') for (const box of boxes()) box.checked = target.checked;
  readPicked();
});
for (const kind of ['pointermove', 'pointerdown', 'keydown', 'wheel', 'touchmove'])
  document.addEventListener(
    kind,
    () => {
      touchedAt = Date.now();
    },
    { passive: true },
  );
readPicked();
setInterval(renewInPeace, 1000);
