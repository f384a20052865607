/** The document is kept by the API: thrown at with what keeps to it and what does not, no answer is outside of it. */
import type { RestAlarmsDeps } from '../../../server/http/rest-alarms.ts';
import { keptWatch } from '../../kit/kept-watch.ts';
import { Validator } from '@seriousme/openapi-schema-validator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ApiDocument, documentSchema, type Operation } from '../../../server/http/api-document.ts';
import { createApiPage } from '../../../server/http/console-api.tsx';
import { referenceOf } from '../../../server/http/console-reference.ts';
import { problemSchema } from '../../../server/http/shapes.ts';
import { ReferencePage } from '../../../web/views/reference.tsx';
import { createConsoleHouse } from '../../kit/console-house.ts';
import { createRestHouse, type RestAnswer, type RestHouse } from '../../kit/rest-house.ts';
import { flowDraft, outputDraft } from '../../kit/samples.ts';
import { faultsOfShape } from '../../kit/shape-check.ts';
import { fieldValuesOf, nearlyValuesOf, valuesOf } from '../../kit/shape-values.ts';

const PROBLEM = 'application/problem+json';
/** Set STREAMLINK_SEED to see a failed run again. */
const SEED = Number(process.env['STREAMLINK_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const CALLS_A_ROUTE = 120;

const textOfDocument = async (): Promise<string> => (await createRestHouse().send('/openapi.json', {})).text;
const document: ApiDocument = documentSchema.parse(JSON.parse(await textOfDocument()));
const components = document.components.schemas;

/** What means something in the house below. */
const ground = {
  components,
  hints: {
    regionId: ['asia', 'europe'],
    maxBitrate: [10_000_000, 20_000_000],
    name: ['News', 'Nachrichten ä', 'x'],
    allowlist: [['0.0.0.0/0'], ['203.0.113.0/24', '2001:db8::/32']],
    host: ['studio.example.com', '203.0.113.9', '2001:db8::1'],
    url: ['rtmp://live.example.com/app', 'rtmps://live.example.com:443/app/x'],
    streamKey: ['live_1', 'live_2?x=y'],
    passphrase: ['long enough to be one'],
    cursor: [undefined],
    region: [undefined, 'asia'],
    fields: ['bitrate', 'rttMs,lost'],
    from: [Date.now() - 60_000],
    to: [Date.now(), Date.now(), 'backup', 'primary'],
    track: [undefined, 'pid 256'],
    keyLength: [128, 192, 256],
    latencyMs: [20, 3000],
    port: [1, 65_535],
    'if-match': [undefined, '*', '"1", "2", "3"', '"0"'],
    'last-event-id': [undefined],
  },
} as const;

interface Route {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

const routes: readonly Route[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
);

describe('the OpenAPI document', () => {
  it('is a valid one of version 3.1', async () => {
    const validator = new Validator();
    const result = await validator.validate(
      z.record(z.string(), z.unknown()).parse(JSON.parse(await textOfDocument())),
    );
    expect([result, validator.version]).toMatchObject([{ valid: true }, '3.1']);
  });

  it('has an example that is accepted for each body', async () => {
    for (const { method, path, operation } of routes) {
      const example = operation.requestBody?.content['application/json']?.example;
      if (example === undefined) continue;
      const { house, at } = await aHouse();
      const answer = await house.call(method, filled(path, at), example);
      expect([method, path, answer.status < 300 || answer.status === 409]).toEqual([method, path, true]);
    }
  });
});

describe('the reference page', () => {
  const page = String(<ReferencePage {...referenceOf(document, 'http://127.0.0.1:8080')} />);

  it('has every route, with a command', () => {
    for (const { method, path } of routes) {
      expect(page).toContain(`${method} /api/v1${path}`);
      expect(page).toContain(`http://127.0.0.1:8080/api/v1${path}`);
    }
  });

  it('has every shape that it links to', () => {
    const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id = '']) => id);
    expect(links.filter((id) => !page.includes(`id="${id}"`))).toEqual([]);
  });

  it('is open to all, under the policy of the console', async () => {
    const { sessions, alarms } = createConsoleHouse();
    const app = createApiPage({ document, alarms, sessions, secureCookies: false, publicUrl: undefined, assets: '1' });
    const answer = await app.request('http://console.example/api');
    expect([answer.status, answer.headers.get('content-security-policy')]).toEqual([
      200,
      expect.stringContaining("default-src 'none'"),
    ]);
    expect(await answer.text()).toContain('http://console.example/api/v1/flows');
  });

  it('has nothing inline that its policy forbids', () => {
    expect(page).not.toMatch(/<script|style=|onclick=/);
  });
});

interface Ids {
  readonly flowId: string;
  readonly outputId: string;
}

/** Two flows, one of which runs. */
async function aHouse(): Promise<{ house: RestHouse; at: Ids; watch: RestAlarmsDeps }> {
  const watch = await keptWatch();
  const house = createRestHouse({ watch });
  const made: string[] = [];
  for (const name of ['News', 'Sport']) {
    const failover = { preferred: 'primary', autoReturn: true } as const;
    await house.call('POST', '/flows', flowDraft({ name, input: { ...flowDraft().input, failover } }));
    const flowId = house.store.all().at(-1)?.id ?? '';
    await house.call('POST', `/flows/${flowId}/outputs`, outputDraft());
    made.push(flowId);
  }
  await house.call('POST', `/flows/${made[1]}/start`);
  const flowId = made[0] ?? '';
  await house.keys.create('Spare', 1);
  return { house, watch, at: { flowId, outputId: house.store.get(flowId)?.outputs[0]?.id ?? '' } };
}

const filled = (path: string, { flowId, outputId }: Ids): string =>
  path.replace('{flowId}', flowId).replace('{outputId}', outputId);

interface Call {
  readonly isRunning: boolean;
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** Calls of one route: some keep to the document, some nearly do. */
function callsOf({ operation }: Route): fc.Arbitrary<Call> {
  const of = (place: string) =>
    operation.parameters
      .filter((it) => it.in === place && it.name !== 'accept')
      .map(({ name, required, schema }) => [name, required, schema] as const);
  const record = (place: string, isValid: boolean) => {
    const fields = of(place);
    const model = Object.fromEntries(
      fields.map(([name, , schema]) => [
        name,
        isValid ? fieldValuesOf(name, schema, ground) : nearlyValuesOf(schema, ground),
      ]),
    );
    return fc.record(model, {
      requiredKeys: isValid ? fields.filter(([, required]) => required).map(([name]) => name) : [],
      noNullPrototype: true,
    });
  };
  const schema = operation.requestBody?.content['application/json']?.schema;
  return fc.boolean().chain((isValid) =>
    fc.record({
      isRunning: fc.boolean(),
      params: fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: record('path', false) }),
      query: record('query', isValid),
      headers: record('header', isValid),
      body: schema ? (isValid ? valuesOf : nearlyValuesOf)(schema, ground) : fc.constant(undefined),
    }),
  );
}

type Place = Awaited<ReturnType<typeof aHouse>>;

async function send({ house, watch }: Place, { method, path }: Route, call: Call): Promise<RestAnswer | undefined> {
  const flows = house.store.all();
  const flow = flows.find(({ running }) => running === call.isRunning) ?? flows[0];
  const known: Record<string, unknown> = {
    flowId: flow?.id ?? 'none',
    outputId: flow?.outputs[0]?.id ?? 'none',
    keyId: house.keys.list().at(-1)?.id,
    ruleId: watch.alarmRules.list().at(-1)?.id,
    webhookId: watch.webhooks.list().at(-1)?.id,
    tokenId: watch.scrapeTokens.list().at(-1)?.id,
  };
  const place = path.replace(/\{(\w+)\}/g, (_, name: string) => encoded(call.params[name] ?? known[name] ?? 'none'));
  // An empty name in a path makes another path.
  if (/\/(\/|$|\.{1,2}(\/|$))/.test(place)) return undefined;
  const query = Object.entries(call.query)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encoded(value)}`);
  const headers = Object.entries(call.headers).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const text = textOf(value);
    return /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text) ? [[name, text] as const] : [];
  });
  return house.call(
    method,
    place + (query.length > 0 ? `?${query.join('&')}` : ''),
    call.body,
    Object.fromEntries(headers),
  );
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
const encoded = (value: unknown): string => encodeURIComponent(textOf(value).replace(/\p{Surrogate}/gu, '\ufffd'));

/** What is wrong with an answer by the document. */
function faultsOf({ operation }: Route, { status, type, text }: RestAnswer): readonly string[] {
  if (status >= 500 && status !== 507) return [`answered ${status}: ${text}`];
  const listed = operation.responses[String(status)];
  if (!listed) return [`answered ${status}, which is not listed: ${text}`];
  if (status >= 400) {
    const read = problemSchema.safeParse(JSON.parse(text));
    if (type !== PROBLEM || !read.success || read.data.status !== status)
      return [`is no problem document: ${type} ${text}`];
  }
  if (text === '') return Object.keys(listed.content).length > 0 ? ['has no body'] : [];
  const [essence = ''] = type?.split(';') ?? [];
  const media = listed.content[essence];
  if (!media) return [`is of type ${type}, which is not listed`];
  const said: unknown = essence.endsWith('json') ? JSON.parse(text) : text;
  return media.schema ? faultsOfShape(said, media.schema, components) : [];
}

const succeeded = new Set<Route>();

describe(`no answer is outside of the document (seed ${SEED})`, () => {
  it.each(routes.map((route) => [route.method, route.path, route] as const))(
    'to %s %s',
    async (_method, _path, route) => {
      const place = await aHouse();
      const { house } = place;
      const statuses = new Map<number, number>();
      await fc.assert(
        fc.asyncProperty(callsOf(route), async (call) => {
          await refill(place);
          const answer = await send(place, route, call);
          if (!answer) return;
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
          expect([...faultsOf(route, answer), ...house.complaints]).toEqual([]);
        }),
        { seed: SEED, numRuns: CALLS_A_ROUTE },
      );
      if ([...statuses.keys()].some((status) => status < 300)) succeeded.add(route);
    },
  );

  it.each(routes.map((route) => [route.method, route.path, route] as const))(
    'without a key, to %s %s',
    async (method, path, route) => {
      const { house, at } = await aHouse();
      const answer = await house.send(filled(path, at).replace('{keyId}', 'none'), { method });
      expect([answer.status, faultsOf(route, answer)]).toEqual([401, []]);
    },
  );
});

it('most routes were reached beyond their checks: a test that is refused at the door each time proves nothing', () => {
  expect(succeeded.size).toBeGreaterThan(0.8 * routes.length);
});

/** What a call has deleted is made again, and a spare key is there to be removed. */
async function refill({ house, watch }: Place): Promise<void> {
  if (watch.webhooks.list().length === 0)
    await watch.webhooks.create({ name: 'Spare', url: 'http://127.0.0.1:1/', kinds: null, enabled: true });
  if (watch.scrapeTokens.list().length === 0) await watch.scrapeTokens.create('Spare');

  if (house.store.all().length < 2) await house.call('POST', '/flows', flowDraft());
  for (const { id, outputs, running } of house.store.all())
    if (outputs.length === 0 && !running) await house.call('POST', `/flows/${id}/outputs`, outputDraft());
  if (house.keys.count < 2) await house.keys.create('Spare', 1);
}
