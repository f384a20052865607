/** What can be measured of a channel in one second. Adding a figure is adding one line at the end. */

/**
 * `step` is the precision kept, in `unit`: a value is stored as the nearest whole number of steps, at most 2^31 - 1 of
 * them either way. A `level` is thinned to its mean, lowest and highest; a `count` to its sum.
 */
export interface HealthField {
  readonly name: string;
  readonly unit: 'bit/s' | '1/s' | 'ratio' | 'ms' | 'packets' | 'errors' | 'channels';
  readonly step: number;
  readonly kind: 'level' | 'count';
}

/** A field's position is its number on disk: append only, and never change a step; a better step is a new field. */
export const healthFields = [
  { name: 'bitrate', unit: 'bit/s', step: 500, kind: 'level' },
  { name: 'nullBitrate', unit: 'bit/s', step: 1000, kind: 'level' },
  { name: 'frameRate', unit: '1/s', step: 0.01, kind: 'level' },
  { name: 'lossRatio', unit: 'ratio', step: 0.0001, kind: 'level' },
  { name: 'retransmitRatio', unit: 'ratio', step: 0.0001, kind: 'level' },
  { name: 'rttMs', unit: 'ms', step: 0.1, kind: 'level' },
  { name: 'dropped', unit: 'packets', step: 1, kind: 'count' },
  { name: 'bufferMs', unit: 'ms', step: 1, kind: 'level' },
  { name: 'latencyMs', unit: 'ms', step: 1, kind: 'level' },
  { name: 'linkBandwidth', unit: 'bit/s', step: 1_000_000, kind: 'level' },
  { name: 'queueMs', unit: 'ms', step: 1, kind: 'level' },
  { name: 'frameAgeMs', unit: 'ms', step: 1, kind: 'level' },
  { name: 'continuityErrors', unit: 'errors', step: 1, kind: 'count' },
  { name: 'syncErrors', unit: 'errors', step: 1, kind: 'count' },
  { name: 'transportErrors', unit: 'errors', step: 1, kind: 'count' },
  { name: 'patErrors', unit: 'errors', step: 1, kind: 'count' },
  { name: 'pmtErrors', unit: 'errors', step: 1, kind: 'count' },
  { name: 'crcErrors', unit: 'errors', step: 1, kind: 'count' },
  { name: 'pidErrors', unit: 'errors', step: 1, kind: 'count' },
  { name: 'pcrRepetitionErrors', unit: 'errors', step: 1, kind: 'count' },
  { name: 'pcrDiscontinuityErrors', unit: 'errors', step: 1, kind: 'count' },
  { name: 'ptsErrors', unit: 'errors', step: 1, kind: 'count' },
  { name: 'lost', unit: 'packets', step: 1, kind: 'count' },
  { name: 'reordered', unit: 'packets', step: 1, kind: 'count' },
] as const satisfies readonly HealthField[];

export type HealthFieldName = (typeof healthFields)[number]['name'];

/** One second's figures; what was not measured is absent. */
export type HealthValues = Readonly<Partial<Record<HealthFieldName, number>>>;

/** The most steps that a value may be away from 0; what is further out is kept as this. */
const MOST_STEPS = 2 ** 31 - 1;

/** A field with its number on disk. */
export interface NumberedField {
  readonly number: number;
  readonly field: HealthField & { readonly name: HealthFieldName };
}

const byName = new Map<string, NumberedField>(healthFields.map((field, number) => [field.name, { number, field }]));

/** Undefined where this version knows no such field. */
export const fieldOfName = (name: string): NumberedField | undefined => byName.get(name);

/** Undefined where this version knows no such number. */
export const fieldOfNumber = (number: number): NumberedField['field'] | undefined => healthFields[number];

/** Whole steps. The value must be finite. */
export function quantise({ step }: HealthField, value: number): number {
  const steps = Math.round(step < 1 ? value * stepsPerUnit(step) : value / step);
  // `| 0` would wrap; and it is only for the sign of -0 that 0 is added.
  return Math.max(-MOST_STEPS, Math.min(MOST_STEPS, steps)) + 0;
}

/** The value in the field's unit. Below one unit it is divided, so that 3 steps of 0.1 are 0.3 exactly as it is written. */
export const valueOfSteps = ({ step }: HealthField, steps: number): number =>
  step < 1 ? steps / stepsPerUnit(step) : steps * step;

const stepsPerUnit = (step: number): number => Math.round(1 / step);
