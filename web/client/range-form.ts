/** A form that asks for a range: its times are of the chosen zone, and are sent as epoch ms. */
import { isZone, localZone, momentOfWall, wallText, zones } from './zone.ts';

/** Returns the zone to show; `changed` hears of another one. */
export function wireForm(
  form: HTMLFormElement,
  select: HTMLSelectElement,
  changed: (zone: string) => void = () => undefined,
): string {
  const asked = select.dataset['zone'] ?? '';
  let zone = isZone(asked) ? asked : localZone();
  const names = zones();
  const all = names.includes(zone) ? names : [zone, ...names];
  select.replaceChildren(...all.map((name) => new Option(name, name, name === zone, name === zone)));
  for (const field of moments(form)) showMoment(field, zone);
  select.addEventListener('change', () => {
    for (const field of moments(form)) moveMoment(field, zone, select.value);
    zone = select.value;
    changed(zone);
  });
  form.addEventListener('formdata', ({ formData }) => {
    for (const { name, value } of moments(form))
      if (value) formData.set(name, String(momentOfWall(value, zone) ?? value));
  });
  return zone;
}

const moments = (form: HTMLFormElement): readonly HTMLInputElement[] => [
  ...form.querySelectorAll<HTMLInputElement>('input[type="datetime-local"]'),
];

function showMoment(field: HTMLInputElement, zone: string): void {
  const at = Number(field.dataset['at']);
  if (at > 0) field.value = wallText(at, zone);
}

/** The same moment on another clock. */
function moveMoment(field: HTMLInputElement, before: string, after: string): void {
  const at = momentOfWall(field.value, before);
  if (at !== undefined) field.value = wallText(at, after);
}
