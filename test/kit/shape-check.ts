/** Does a value keep to a JSON Schema of the OpenAPI document? Only what the document uses is known; the rest is a fault. */
import { isDeepStrictEqual } from 'node:util';
import { refName, type Shape } from '../../server/http/api-document.ts';

export type Components = Readonly<Record<string, Shape>>;

/** A sentence for each place where the value is not what the schema says. */
export function faultsOfShape(value: unknown, shape: Shape, components: Components, at = '$'): readonly string[] {
  if (shape.$ref) {
    const target = components[refName(shape.$ref)];
    return target ? faultsOfShape(value, target, components, at) : [`${at}: ${shape.$ref} is not in the document`];
  }
  const inner = (one: Shape) => faultsOfShape(value, one, components, at);
  if (shape.allOf) return shape.allOf.flatMap(inner);
  const choices = shape.oneOf ?? shape.anyOf;
  if (choices) {
    const faults = choices.map(inner);
    return faults.some((list) => list.length === 0)
      ? []
      : [`${at}: none of ${choices.length} forms: ${faults[0]?.join('; ')}`];
  }
  return [...faultsOfType(value, shape, at), ...faultsWithin(value, shape, components, at)];
}

function faultsOfType(value: unknown, shape: Shape, at: string): readonly string[] {
  const faults: string[] = [];
  const types = [shape.type ?? []].flat();
  if (types.length > 0 && !types.some((type) => isOfType(value, type)))
    faults.push(`${at}: ${JSON.stringify(value)?.slice(0, 80)} is not ${types.join(' or ')}`);
  if (shape.enum && !shape.enum.includes(value))
    faults.push(`${at}: ${JSON.stringify(value)} is none of ${shape.enum.join()}`);
  if (shape.const !== undefined && !isDeepStrictEqual(shape.const, value))
    faults.push(`${at}: is not ${JSON.stringify(shape.const)}`);
  if (typeof value === 'number') {
    if (shape.minimum !== undefined && value < shape.minimum) faults.push(`${at}: ${value} is below ${shape.minimum}`);
    if (shape.maximum !== undefined && value > shape.maximum) faults.push(`${at}: ${value} is above ${shape.maximum}`);
  }
  return faults;
}

function faultsWithin(value: unknown, shape: Shape, components: Components, at: string): readonly string[] {
  if (Array.isArray(value)) {
    const { items } = shape;
    return items ? value.flatMap((item, index) => faultsOfShape(item, items, components, `${at}[${index}]`)) : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  const absent = (shape.required ?? []).filter((name) => !(name in value)).map((name) => `${at}.${name} is absent`);
  const inner = Object.entries(value).flatMap(([name, field]: [string, unknown]) => {
    const own = shape.properties?.[name];
    if (own) return faultsOfShape(field, own, components, `${at}.${name}`);
    const { additionalProperties: more } = shape;
    if (typeof more === 'object') return faultsOfShape(field, more, components, `${at}.${name}`);
    // What is answered and not described is a fault too, unless the document says that there may be more.
    return shape.properties && more !== true ? [`${at}.${name} is not in the document`] : [];
  });
  return [...absent, ...inner];
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}
