/** Watches the live line of the page. While it is down, the page says so and greys what it shows: it is the past. */
import { closeCodeOf, socketOf } from './htmx-event.ts';
import { t } from './words.ts';

/** Three beats of server/http/live.ts without a sound, and the line is dead even if the socket does not know. */
const SILENT_MS = 15_000;
/** A line that comes back sooner than this was not worth a word. */
const GRACE_MS = 2000;
const SESSION_ENDED = 1008;

export function watchLine(document: Document): void {
  const line = document.getElementById('live');
  const banner = document.getElementById('lost');
  if (!line || !banner) return;
  let heardAt = Date.now();
  let downAt: number | undefined;
  let ended = false;
  let socket: WebSocket | undefined;

  const heard = (event: Event) => {
    heardAt = Date.now();
    downAt = undefined;
    line.dataset['line'] = 'open';
    socket = socketOf(event) ?? socket;
    hide(document, banner);
  };
  document.getElementById('lost-reload')?.addEventListener('click', () => location.reload());
  line.addEventListener('htmx:ws:after:connection', heard);
  line.addEventListener('htmx:ws:after:message:incoming', heard);
  line.addEventListener('htmx:ws:close', (event) => {
    ended ||= closeCodeOf(event) === SESSION_ENDED;
    line.dataset['line'] = 'down';
    downAt ??= Date.now();
  });
  document.addEventListener('visibilitychange', () => {
    // The extension closes the socket of a hidden page and opens it again: that silence is no fault.
    heardAt = Date.now();
    downAt = undefined;
  });
  setInterval(() => {
    if (document.hidden) return;
    const now = Date.now();
    const silent = now - heardAt > SILENT_MS;
    if (silent && downAt === undefined) socket?.close();
    if (ended) show(document, banner, t('Your session has ended.'), heardAt);
    else if (silent || (downAt !== undefined && now - downAt > GRACE_MS))
      show(document, banner, t('Live updates are interrupted.'), heardAt);
  }, 1000);
}

function show(document: Document, banner: HTMLElement, title: string, since: number): void {
  if (!banner.hidden) return;
  const head = document.getElementById('lost-title');
  const text = document.getElementById('lost-text');
  if (head) head.textContent = title;
  if (text)
    text.textContent = t('What is shown was true at {time} and may no longer be.', {
      time: new Date(since).toLocaleTimeString(),
    });
  banner.hidden = false;
  document.documentElement.classList.add('stale');
}

function hide(document: Document, banner: HTMLElement): void {
  banner.hidden = true;
  document.documentElement.classList.remove('stale');
}
