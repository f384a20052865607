/** The only place that knows local time: pages carry UTC in <time datetime>, and go on carrying it as they change. */

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium', hourCycle: 'h23' });
const dateAndClock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' });

/** Shows every moment within `root` in local time, now and whenever one is put in or changed. */
export function showLocalTimes(root: HTMLElement): void {
  const localise = () => {
    for (const time of root.querySelectorAll('time[data-local]')) if (time instanceof HTMLTimeElement) show(time);
  };
  localise();
  new MutationObserver(localise).observe(root, { childList: true, characterData: true, subtree: true });
}

/** The time alone if it is of today, else with its date; UTC when pointed at. */
export const localText = (at: Date, now: Date): string =>
  at.toDateString() === now.toDateString() ? clock.format(at) : dateAndClock.format(at);

function show(time: HTMLTimeElement): void {
  const text = localText(new Date(time.dateTime), new Date());
  if (time.textContent === text) return;
  time.textContent = text;
  time.title = time.dateTime;
}
