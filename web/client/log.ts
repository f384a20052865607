/** The Log tab: its form, the zone of its times, and what follows by itself. */
import { followLog, trimRows } from './log-tail.ts';
import { wireForm } from './range-form.ts';
import { t } from './words.ts';
import { offsetText, stampText } from './zone.ts';

const form = document.getElementById('log-form');
const select = document.getElementById('zone');
const panel = document.getElementById('panel-log');
if (form instanceof HTMLFormElement && select instanceof HTMLSelectElement && panel) wire(form, select, panel);

function wire(form: HTMLFormElement, select: HTMLSelectElement, panel: HTMLElement): void {
  let zone = wireForm(form, select, (chosen) => {
    zone = chosen;
    showTimes(panel, zone);
    const url = new URL(location.href);
    url.searchParams.set('zone', zone);
    history.replaceState(history.state, '', url);
  });
  form.addEventListener('formdata', ({ formData }) => tidy(formData));
  showTimes(panel, zone);
  const follow = followLog();
  new MutationObserver(() => {
    trimRows();
    showTimes(panel, zone);
    follow();
  }).observe(panel, { childList: true, characterData: true, subtree: true });
  // What htmx would bring back is the page without this script.
  document.addEventListener('htmx:before:history:restore', (event) => {
    event.preventDefault();
    location.reload();
  });
}

/** What says nothing has no place in a URL that people share. */
function tidy(data: FormData): void {
  if (data.get('last') === 'custom') data.delete('last');
  else for (const name of ['from', 'to']) data.delete(name);
  for (const name of ['text', 'to']) if (data.get(name) === '') data.delete(name);
  if (data.get('order') === 'newest-first') data.delete('order');
  // On is what is meant where nothing is said.
  if (data.getAll('follow').includes('on')) data.delete('follow');
}

function showTimes(panel: HTMLElement, zone: string): void {
  for (const time of panel.querySelectorAll('time[data-zoned]')) {
    if (!(time instanceof HTMLTimeElement)) continue;
    const text = stampText(Date.parse(time.dateTime), zone);
    if (time.textContent === text) continue;
    time.textContent = text;
    time.title = time.dateTime;
  }
  const newest = panel.querySelector('time[data-zoned]');
  const at = newest instanceof HTMLTimeElement ? Date.parse(newest.dateTime) : Date.now();
  const place = document.getElementById('log-zone');
  const said = t('Times are in {zone} ({offset}).', { zone, offset: offsetText(at, zone) });
  if (place && place.textContent !== said) place.textContent = said;
}
