/** Time zones: which there are, and what the clock of one shows. */

export const localZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Browsers leave UTC out of their list. */
export const zones = (): readonly string[] => [
  'UTC',
  ...Intl.supportedValuesOf('timeZone').filter((it) => it !== 'UTC'),
];

export const isZone = (zone: string): boolean => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
  } catch {
    // RangeError: this browser knows no such zone.
    return false;
  }
};

/** Epoch ms as a field for date and time takes it: what the clock of the zone shows. */
export const wallText = (at: number, zone: string): string => clockOf(zone).format(at).replace(' ', 'T');

/** What the clock of the zone shows, to the ms: `2026-11-24 03:12:45.120`. */
export const stampText = (at: number, zone: string): string =>
  `${wallText(at, zone).replace('T', ' ')}.${String(at % 1000).padStart(3, '0')}`;

/** How far the clock of the zone is from UTC at that moment: `UTC+08:00`. */
export function offsetText(at: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(at);
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
  return name === 'GMT' ? 'UTC+00:00' : name.replace('GMT', 'UTC');
}

/** The epoch ms at which the clock of the zone shows this; undefined where it is no time. */
export function momentOfWall(text: string, zone: string): number | undefined {
  const wanted = Date.parse(`${text}Z`);
  if (Number.isNaN(wanted)) return undefined;
  const off = (at: number): number => Date.parse(`${wallText(at, zone)}Z`) - at;
  // Twice: at a change of the clock, the first guess may be on its other side.
  const guess = wanted - off(wanted);
  return wanted - off(guess);
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Made once for each zone: to make one costs more than to show a hundred times with it. */
function clockOf(zone: string): Intl.DateTimeFormat {
  const clock =
    clocks.get(zone) ?? new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  clocks.set(zone, clock);
  return clock;
}
