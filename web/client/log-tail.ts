/** Follows the log over the live line of the page: asks for what the answer on it is of, and anew when the line heals. */
import { socketOf } from './htmx-event.ts';
import { t } from './words.ts';

/** As many as the server sends of a log that is followed. */
const MOST_ROWS = 200;

/** Call what it returns whenever the page has changed. */
export function followLog(): () => void {
  const line = document.getElementById('live');
  let socket: WebSocket | undefined;
  let askedFor: HTMLElement | null = null;
  const ask = () => {
    const answer = document.getElementById('log-answer');
    if (socket?.readyState !== WebSocket.OPEN || answer === askedFor) return;
    askedFor = answer;
    socket.send(`follow-log ${answer?.dataset['follow'] ?? ''}`);
  };
  line?.addEventListener('htmx:ws:after:connection', (event) => {
    socket = socketOf(event) ?? socket;
    askedFor = null;
    ask();
  });
  line?.addEventListener('htmx:ws:close', sayInterrupted);
  return ask;
}

/** Rows beyond what is followed go: they are on the next page. */
export function trimRows(): void {
  const rows = document.getElementById('log-rows');
  if (!(rows instanceof HTMLTableSectionElement)) return;
  while (rows.rows.length > MOST_ROWS) rows.deleteRow(-1);
}

/** Until the server says that it is live again. */
function sayInterrupted(): void {
  const live = document.getElementById('log-live');
  const pill = live?.querySelector('.pill');
  if (!live || !pill || !document.getElementById('log-answer')?.dataset['follow']) return;
  live.dataset['following'] = 'interrupted';
  pill.className = 'pill wait';
  if (pill.lastChild) pill.lastChild.textContent = t('Interrupted: what is missed comes when the line is back');
}
