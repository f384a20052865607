/** Values for a JSON Schema of the OpenAPI document: such as keep to it, and such as nearly do. */
import fc from 'fast-check';
import { refName, type Shape } from '../../server/http/api-document.ts';
import type { Components } from './shape-check.ts';

/** What the values are made from: the document, and by a field's name some values that mean something here. */
export interface Ground {
  readonly components: Components;
  readonly hints: Readonly<Record<string, readonly unknown[]>>;
}

/** Numbers, texts and kinds that break things. */
const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    0.5,
    1e308,
    2 ** 53,
    '',
    ' ',
    '0',
    '\u0000',
    '\u202e',
    '../..',
    '%',
    '{{}}',
  ),
  fc.constantFrom<unknown>([], {}, [[]], { __proto__: null }, 'x'.repeat(600), '😀', '\ud800', "'; DROP TABLE flows"),
  fc.jsonValue({ maxDepth: 2 }),
);

const printable: readonly string[] = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ .-_/:'.split('');

/** Keeps to the schema as far as the schema says: what the rules say besides is theirs to refuse. */
export function valuesOf(shape: Shape, ground: Ground): fc.Arbitrary<unknown> {
  if (shape.$ref) return valuesOf(ground.components[refName(shape.$ref)] ?? {}, ground);
  if (shape.const !== undefined) return fc.constant(shape.const);
  if (shape.enum) return fc.constantFrom(...shape.enum);
  const choices = shape.oneOf ?? shape.anyOf;
  if (choices) return fc.oneof(...choices.map((one) => valuesOf(one, ground)));
  if (shape.allOf) throw new Error('No body is made of several shapes.');
  switch (String([shape.type].flat()[0])) {
    case 'object':
      return objectsOf(shape, ground);
    case 'array':
      return fc.array(valuesOf(shape.items ?? {}, ground), {
        minLength: shape.minItems ?? 0,
        maxLength: Math.min(shape.maxItems ?? 4, 4),
      });
    case 'string':
      return stringsOf(shape);
    case 'integer':
      return integersOf(shape);
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 1 });
  }
}

/** As `valuesOf`, with one place or more gone wrong: a field odd, absent or unknown, or the whole of it. */
export const nearlyValuesOf = (shape: Shape, ground: Ground): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 1, arbitrary: odd },
    {
      weight: 6,
      arbitrary: fc
        .tuple(valuesOf(shape, ground), fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), odd)
        .map(([value, way, wrong]) => spoilt(value, way, wrong)),
    },
  );

/** Goes down into the value as `way` says, and puts what is wrong there. */
function spoilt(value: unknown, [step = 0, ...way]: readonly number[], wrong: unknown): unknown {
  if (typeof value !== 'object' || value === null) return wrong;
  const entries: [string, unknown][] = Object.entries(value);
  const at = step % (entries.length + 1);
  const [name, inner] = entries[at] ?? ['unknown', undefined];
  const changed = way.length > 0 ? spoilt(inner, way, wrong) : wrong;
  const next = entries.filter(([other]) => other !== name);
  const all = step % 7 === 0 ? next : [...next, [name, changed] as const];
  return Array.isArray(value) ? all.map(([, item]) => item) : Object.fromEntries(all);
}

function objectsOf(shape: Shape, ground: Ground): fc.Arbitrary<unknown> {
  const properties = shape.properties ?? {};
  const model = Object.fromEntries(
    Object.entries(properties).map(([name, field]) => [name, fieldValuesOf(name, field, ground)]),
  );
  const requiredKeys = (shape.required ?? []).filter((name) => name in properties);
  return fc.record(model, { requiredKeys, noNullPrototype: true });
}

/** Mostly what means something, so that calls come past the door. */
export function fieldValuesOf(name: string, field: Shape, ground: Ground): fc.Arbitrary<unknown> {
  const hints = ground.hints[name];
  const values = valuesOf(field, ground);
  if (!hints) return values;
  return fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...hints) }, { weight: 1, arbitrary: values });
}

function stringsOf({ pattern, minLength = 0, maxLength = 40 }: Shape): fc.Arbitrary<string> {
  const within = { minLength, maxLength: Math.max(minLength, Math.min(maxLength, 40)) };
  const plain = fc.string({ ...within, unit: fc.constantFrom(...printable) });
  const known = fc.constantFrom(
    'a.example',
    '203.0.113.0/24',
    '127.0.0.1',
    'rtmp://live.example/app',
    'asia',
    'a long enough key',
  );
  const any = fc.oneof(plain, known, fc.string({ unit: 'grapheme', ...within }));
  if (pattern === undefined) return any;
  const rule = new RegExp(pattern, 'u');
  const kept = any.filter((text) => rule.test(text));
  return rule.test('') || printable.some((letter) => rule.test(letter.repeat(12))) ? kept : fc.oneof(known, plain);
}

function integersOf({ minimum, maximum, exclusiveMinimum }: Shape): fc.Arbitrary<number> {
  const min = Math.max(minimum ?? (exclusiveMinimum ?? -1e6 - 1) + 1, Number.MIN_SAFE_INTEGER);
  const max = Math.min(maximum ?? Math.max(min, 1e8), Number.MAX_SAFE_INTEGER);
  return fc.oneof(
    fc.integer({ min: Math.max(min, -(2 ** 31)), max: Math.min(max, 2 ** 31 - 1) }),
    fc.constantFrom(min, max, Math.max(min, Math.min(max, 10_000_000))),
  );
}
