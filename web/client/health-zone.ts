/** Time zones of the Health tab: which there are, and what the clock of one shows. */

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
export const wallText = (at: number, zone: string): string =>
  new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
    .format(at)
    .replace(' ', 'T');

/** The epoch ms at which the clock of the zone shows this; undefined where it is no time. */
export function momentOfWall(text: string, zone: string): number | undefined {
  const wanted = Date.parse(`${text}Z`);
  if (Number.isNaN(wanted)) return undefined;
  const off = (at: number): number => Date.parse(`${wallText(at, zone)}Z`) - at;
  // Twice: at a change of the clock, the first guess may be on its other side.
  const guess = wanted - off(wanted);
  return wanted - off(guess);
}
