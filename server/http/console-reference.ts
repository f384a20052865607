/** From the OpenAPI document to what the reference page shows: routes with their fields, answers and a curl line. */
import type { ReferenceAnswer, ReferenceField, ReferenceGroup, ReferenceProps } from '../../web/views/reference.tsx';
import { type ApiDocument, type Operation, refName, type Shape } from './api-document.ts';

/** Deeper fields are shown with the shape that they belong to. */
const DEEPEST = 4;

/** `origin` is the scheme and host that the examples call. */
export function referenceOf(document: ApiDocument, origin: string): ReferenceProps {
  const groups = new Map<string, ReferenceGroup['routes'][number][]>();
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(methods)) {
      const [name = 'Other'] = operation.tags;
      groups.set(name, [...(groups.get(name) ?? []), routeOf(method.toUpperCase(), path, operation, origin)]);
    }
  return {
    title: document.info.title,
    version: document.info.version,
    about: document.info.description,
    groups: [...groups].map(([name, routes]) => ({ name, routes })),
    shapes: Object.entries(document.components.schemas).map(([name, shape]) => ({ name, fields: fieldsOf(shape, '') })),
  };
}

function routeOf(method: string, path: string, operation: Operation, origin: string): ReferenceGroup['routes'][number] {
  const json = operation.requestBody?.content['application/json'];
  const example = json?.example === undefined ? undefined : JSON.stringify(json.example, null, 2);
  return {
    id: `${method}-${path}`.replace(/[^A-Za-z]+/g, '-').replace(/-$/, ''),
    method,
    path: `/api/v1${path}`,
    summary: operation.summary,
    about: operation.description,
    parameters: operation.parameters.map((it) => ({
      path: it.name,
      type: `${typeOf(it.schema)}, in the ${it.in}`,
      required: it.required,
      about: aboutOf({ ...it.schema, description: it.description ?? it.schema.description }),
    })),
    fields: json?.schema ? fieldsOf(json.schema, '') : [],
    answers: Object.entries(operation.responses).map(([status, { description, content }]) =>
      answerOf(status, description, content),
    ),
    curl: curlOf(method, `${origin}/api/v1${path}`, example),
  };
}

function answerOf(status: string, about: string, content: Operation['responses'][string]['content']): ReferenceAnswer {
  const [[type, media] = [undefined, undefined]] = Object.entries(content);
  const ref = media?.schema?.$ref;
  const fields = media?.schema && ref === undefined ? fieldsOf(media.schema, '') : [];
  return { status, about, type, shape: ref && refName(ref), fields };
}

/** A shell takes what stands between single quotes as it is, but for a single quote. */
function curlOf(method: string, url: string, example: string | undefined): string {
  const verb = method === 'GET' ? '' : ` -X ${method}`;
  const data = example === undefined ? '' : ` \\\n  --json '${example.replaceAll("'", "'\\''")}'`;
  return `curl -u ID:SECRET${verb} '${url}'${data}`;
}

/** Every field below a shape, each with its path; of a choice between shapes, the fields of all, and which have them. */
function fieldsOf(shape: Shape, above: string, depth = 0): ReferenceField[] {
  if (depth >= DEEPEST) return [];
  const inner = withoutNull(shape);
  const choices = inner.oneOf ?? inner.anyOf;
  if (choices) return merged(choices, above, depth);
  if (inner.allOf) return inner.allOf.flatMap((part) => fieldsOf(part, above, depth));
  if (inner.items) return fieldsOf(inner.items, `${above}[]`, depth + 1);
  return Object.entries(inner.properties ?? {}).flatMap(([name, field]) => {
    const path = above === '' ? name : `${above}.${name}`;
    const required = inner.required?.includes(name) ?? false;
    const row = { path, type: typeOf(field), required, about: aboutOf(field), shape: shapeOf(field) };
    return [row, ...fieldsOf(field, path, depth + 1)];
  });
}

function merged(choices: readonly Shape[], above: string, depth: number): ReferenceField[] {
  const rows = new Map<string, { row: ReferenceField; of: string[] }>();
  for (const [index, choice] of choices.entries())
    for (const row of fieldsOf(choice, above, depth)) {
      const known = rows.get(row.path);
      const kind = kindOf(choice) ?? `form ${index + 1}`;
      if (known) known.of.push(kind);
      rows.set(row.path, known ? { row: joined(known.row, row), of: known.of } : { row, of: [kind] });
    }
  return [...rows.values()].map(({ row, of }) =>
    of.length < choices.length ? { ...row, about: [`Only of ${of.join(', ')}.`, row.about].join(' ').trim() } : row,
  );
}

const joined = (one: ReferenceField, other: ReferenceField): ReferenceField => ({
  ...one,
  type: one.type === other.type || one.type.includes(other.type) ? one.type : `${one.type} | ${other.type}`,
  required: one.required && other.required,
});

/** The one value that tells this shape from the others. */
function kindOf({ properties = {} }: Shape): string | undefined {
  const fixed = Object.values(properties).find((field) => constantOf(field) !== undefined);
  return fixed && String(constantOf(fixed));
}

const constantOf = (shape: Shape): unknown => shape.const ?? (shape.enum?.length === 1 ? shape.enum[0] : undefined);

/** The one shape where the other choice is null. */
function withoutNull(shape: Shape): Shape {
  const choices = (shape.anyOf ?? shape.oneOf)?.filter(({ type }) => type !== 'null');
  const [only] = choices ?? [];
  return only && choices?.length === 1 ? only : shape;
}

function shapeOf(shape: Shape): string | undefined {
  const ref = shape.$ref ?? shape.items?.$ref;
  return ref && refName(ref);
}

function typeOf(shape: Shape): string {
  if (shape.$ref) return refName(shape.$ref);
  const constant = constantOf(shape);
  if (constant !== undefined) return JSON.stringify(constant);
  if (shape.enum) return shape.enum.map((value) => JSON.stringify(value)).join(' | ');
  const choices = shape.oneOf ?? shape.anyOf;
  if (choices) return [...new Set(choices.map(typeOf))].join(' | ');
  if (shape.items) return `array of ${typeOf(shape.items)}`;
  return [shape.type].flat().filter(Boolean).join(' | ') || 'any';
}

function aboutOf(shape: Shape): string {
  const { minimum = shape.exclusiveMinimum, maximum } = shape;
  const range = [
    minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER && `from ${minimum}`,
    maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER && `to ${maximum}`,
    shape.maxLength !== undefined && `at most ${shape.maxLength} characters`,
    shape.maxItems !== undefined && `at most ${shape.maxItems} items`,
    shape.default !== undefined && `by default ${JSON.stringify(shape.default)}`,
  ].filter(Boolean);
  const rule = range.length > 0 ? `${range.join(', ')}.` : '';
  return [shape.description && `${shape.description}.`, rule && rule[0]?.toUpperCase() + rule.slice(1)]
    .filter(Boolean)
    .join(' ');
}
