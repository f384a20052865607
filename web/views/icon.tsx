/** The few line icons of the console, drawn on a 16 × 16 grid in the colour of their text. */

const shapes = {
  brand: 'M1.5 11.5c3 0 3-7 6.5-7s3.5 7 6.5 7M1.5 8c1.3 0 2-1 2.7-2.2M11.8 10.2C12.5 9 13.2 8 14.5 8',
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
  alert: 'M8 2 14.5 13.5h-13zM8 6.5v3.2M8 11.6v.1',
  lock: 'M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5',
  plus: 'M8 3v10M3 8h10',
  play: 'M4.5 2.5v11l9-5.5z',
  arrow: 'M2 8h11M9.5 4.5 13 8l-3.5 3.5',
} as const;

export type IconName = keyof typeof shapes;

export const Icon = ({ name }: { name: IconName }) => (
  <svg class={`icon icon-${name}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <path d={shapes[name]} />
  </svg>
);
