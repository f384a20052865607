/** Moments in the zone that the charts are in, as they come and change. */
import { wallText } from './zone.ts';

export function showZonedTimes(root: HTMLElement, zone: string): void {
  const show = (): void => {
    for (const time of root.querySelectorAll('time[data-zoned]')) if (time instanceof HTMLTimeElement) put(time, zone);
  };
  show();
  new MutationObserver(show).observe(root, { childList: true, characterData: true, subtree: true });
}

export const zonedText = (at: number, zone: string): string => wallText(at, zone).replace('T', ' ');

function put(time: HTMLTimeElement, zone: string): void {
  const text = zonedText(Date.parse(time.dateTime), zone);
  if (time.textContent === text) return;
  time.textContent = text;
  time.title = time.dateTime;
}
