import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { flowSchema, outputSchema, problemSchema } from '../../../server/http/shapes.ts';
import { peer } from '../../kit/fake-ends.ts';
import { logEvent } from '../../kit/log-events.ts';
import {
  createRestHouse,
  type FlowView,
  type OutputView,
  type RestAnswer,
  type RestHouse,
} from '../../kit/rest-house.ts';

const flowIn = ({ text }: RestAnswer): FlowView => flowSchema.parse(JSON.parse(text));
const outputIn = ({ text }: RestAnswer): OutputView => outputSchema.parse(JSON.parse(text));
const refusal = ({ status, text }: RestAnswer): unknown => {
  const { code, faults } = problemSchema.parse(JSON.parse(text));
  return [status, code, ...faults.map((fault) => `${fault.field}: ${fault.code}`)];
};

const failover = { preferred: 'primary', autoReturn: true } as const;

async function make(input: object, house: RestHouse = createRestHouse()) {
  const draft = { name: 'News', regionId: 'asia', maxBitrate: 10_000_000, input: { name: 'Camera 1', ...input } };
  const answer = await house.call('POST', '/flows', draft);
  const flow = flowIn(answer);
  return { house, flow, answer, path: `/flows/${flow.id}` };
}

const addTo = (house: RestHouse, path: string, link: object): Promise<RestAnswer> =>
  house.call('POST', `${path}/outputs`, { name: 'Studio', regionId: 'asia', ...link });

const toPlatform = {
  protocol: 'rtmp',
  destinations: {
    primary: { url: 'rtmps://live.example.com/app', streamKey: 'canary-one' },
    backup: { url: 'rtmps://live.example.net/app', streamKey: 'canary-two' },
  },
};

describe('an input', () => {
  it('by RTMP is shown with its server URLs, and with the keys that were made for it', async () => {
    const { flow } = await make({ protocol: 'rtmp' });
    expect(flow.input).toMatchObject({
      protocol: 'rtmp',
      addresses: {
        primary: `rtmp://relay.example.net:1935/${flow.id}`,
        backup: `rtmp://relay.example.net:1936/${flow.id}`,
      },
    });
    expect(flow.input.protocol === 'rtmp' && flow.input.streamKeys.primary).toMatch(/^[\w-]{24}$/);
  });

  it.each([
    [false, 'rtp'],
    [true, 'udp'],
  ])('by RTP with bareTs %s is pushed to %s://', async (bareTs, scheme) => {
    const { flow } = await make({ protocol: 'rtp', bareTs });
    expect(flow.input).toMatchObject({ bareTs, addresses: { primary: `${scheme}://relay.example.net:20000` } });
  });

  it('has the fields of its protocol and no others', async () => {
    const common = ['addresses', 'allowlist', 'description', 'id', 'name', 'protocol', 'status'];
    for (const [protocol, own] of [
      ['srt', ['latencyMs']],
      ['rtmp', ['streamKeys']],
      ['rtp', ['bareTs', 'idleTimeoutMs']],
    ] as const) {
      const { answer } = await make({ protocol });
      const { input } = z.object({ input: z.record(z.string(), z.unknown()) }).parse(JSON.parse(answer.text));
      expect(Object.keys(input).sort()).toEqual([...common, ...own].sort());
    }
  });

  it('refuses with 422 an edit of a field that its protocol does not have', async () => {
    const { house, path } = await make({ protocol: 'rtmp' });
    expect(refusal(await house.call('PATCH', `${path}/input`, { latencyMs: 200 }))).toEqual([
      422,
      'field-of-other-protocol',
      'latencyMs: field-of-other-protocol',
    ]);
  });

  it('has keys of its own after each change to RTMP, and keeps them through every other change', async () => {
    const { house, path } = await make({ protocol: 'rtmp' });
    const keysAfter = async (edit: object): Promise<unknown> => {
      const { input } = flowIn(await house.call('PATCH', `${path}/input`, edit));
      return input.protocol === 'rtmp' && input.streamKeys.primary;
    };
    const first = await keysAfter({ name: 'Camera 2' });
    expect(await keysAfter({ failover })).toBe(first);
    await keysAfter({ protocol: 'srt' });
    expect(await keysAfter({ protocol: 'rtmp' })).not.toBe(first);
  });
});

describe('an output', () => {
  it('by RTMP is shown by its URLs', async () => {
    const { house, path } = await make({ protocol: 'srt' });
    expect(outputIn(await addTo(house, path, toPlatform))).toMatchObject({
      protocol: 'rtmp',
      destinations: {
        primary: { url: 'rtmps://live.example.com/app' },
        backup: { url: 'rtmps://live.example.net/app' },
      },
    });
  });

  it('by RTP is shown with TTL and format', async () => {
    const { house, path } = await make({ protocol: 'rtp' });
    const destinations = { primary: { host: '239.0.0.1', port: 5004 } };
    expect(outputIn(await addTo(house, path, { protocol: 'rtp', destinations }))).toMatchObject({
      ttl: 16,
      bareTs: false,
      destinations,
    });
  });

  it('by RTP is refused to an SRT input', async () => {
    const { house, path } = await make({ protocol: 'srt' });
    const destinations = { primary: { host: '239.0.0.1', port: 5004 } };
    expect(refusal(await addTo(house, path, { protocol: 'rtp', destinations }))).toEqual([
      422,
      'srt-to-rtp',
      'protocol: srt-to-rtp',
    ]);
  });

  it('names the field of a destination that is wrong in an edit', async () => {
    const { house, path } = await make({ protocol: 'srt' });
    const { id } = outputIn(await addTo(house, path, toPlatform));
    const destinations = { primary: { url: 'rtmp://a.example:99999/app' } };
    expect(refusal(await house.call('PATCH', `${path}/outputs/${id}`, { destinations }))).toEqual([
      422,
      'invalid-fields',
      'destinations.primary.url: invalid',
    ]);
  });
});

describe('the stream key of an output', () => {
  it('is in no answer, whatever is asked, and is kept', async () => {
    const { house, path } = await make({ protocol: 'srt' });
    const added = await addTo(house, path, toPlatform);
    const outputPath = `${path}/outputs/${outputIn(added).id}`;
    const again = { destinations: { primary: { url: 'rtmp://a.example/app', streamKey: 'canary-three' } } };
    const answers = [
      added,
      await house.call('GET', path),
      await house.call('GET', '/flows'),
      await house.call('PATCH', outputPath, { name: 'Tower' }),
      await house.call('PATCH', outputPath, again),
      await house.call('PATCH', outputPath, {
        destinations: { primary: { url: 'nothing', streamKey: 'canary-four' } },
      }),
      await house.call('PATCH', outputPath, { streamKey: 'canary-five' }),
      await addTo(house, path, again),
      await house.call('POST', `${path}/start`),
      await house.call('GET', `${path}/events`),
    ];
    expect(answers.filter(({ text }) => text.includes('canary'))).toEqual([]);
    expect(JSON.stringify(house.store.all())).toContain('canary-three');
  });
});

describe('the stream keys of an input', () => {
  it('stand where the input is shown, and nowhere else', async () => {
    const { house, flow, path } = await make({ protocol: 'rtmp' });
    const key = flow.input.protocol === 'rtmp' ? flow.input.streamKeys.primary : '';
    const added = await addTo(house, path, toPlatform);
    const elsewhere = [
      added,
      await house.call('GET', '/regions'),
      await house.call('GET', `${path}/events`),
      await house.call('PATCH', `${path}/outputs/${outputIn(added).id}`, { name: 'x' }),
      await house.call('PATCH', `${path}/input`, { bareTs: true }),
    ];
    expect(elsewhere.filter(({ text }) => text.includes(key))).toEqual([]);
    expect((await house.call('GET', path)).text.split(key)).toHaveLength(2);
  });
});

describe('switching', () => {
  async function running() {
    const made = await make({ protocol: 'srt', failover });
    await addTo(made.house, made.path, toPlatform);
    await made.house.call('POST', `${made.path}/start`);
    return made;
  }

  it('prefers the other input and answers with the flow', async () => {
    const { house, path } = await running();
    const answer = await house.call('POST', `${path}/switch`, { to: 'backup' });
    expect([answer.status, flowIn(answer).input.failover]).toEqual([200, { ...failover, preferred: 'backup' }]);
  });

  it('is refused with 409 while the flow is idle, and without failover', async () => {
    const idle = await make({ protocol: 'srt', failover });
    const none = await make({ protocol: 'srt' });
    expect([
      refusal(await idle.house.call('POST', `${idle.path}/switch`, { to: 'backup' })),
      refusal(await none.house.call('POST', `${none.path}/switch`, { to: 'backup' })),
    ]).toEqual([
      [409, 'switch-idle'],
      [409, 'no-failover'],
    ]);
  });

  it('is refused with 422 to what is no pipeline', async () => {
    const { house, path } = await running();
    expect(refusal(await house.call('POST', `${path}/switch`, { to: 'both' }))).toEqual([
      422,
      'invalid-fields',
      'to: invalid',
    ]);
  });
});

describe('the events of a flow', () => {
  it('are told newest first, each of its own flow', async () => {
    const { house, flow, path } = await make({ protocol: 'srt' });
    const event = logEvent({ flowId: flow.id, code: 'refused', peer, facts: { cause: 'passphrase-wrong' } });
    house.events.push(
      { ...event, at: 3 },
      { ...event, at: 2, flowId: 'another' },
      logEvent({ flowId: flow.id, at: 1, pipeline: undefined, role: 'flow', endpointId: 'flow', code: 'flow-started' }),
    );
    const input = { type: 'input-primary', endpoint: 'input', pipeline: 'primary', role: 'input' };
    const whole = { type: 'flow', role: 'flow', endpoint: 'flow' };
    const base = { name: 'Camera 1', count: 1 };
    const message = `Refused ${peer.address}:${peer.port}: wrong passphrase. Compare the key on the encoder with the one set here.`;
    const refused = { code: 'refused', message, peer, facts: { cause: 'passphrase-wrong' } };
    const started = { code: 'flow-started', message: 'Flow started by the server.', facts: {} };
    expect(JSON.parse((await house.call('GET', `${path}/events`)).text)).toEqual({
      events: [
        { ...base, ...input, ...refused, at: 3, time: '1970-01-01T00:00:00.003Z' },
        { ...base, ...whole, ...started, at: 1, time: '1970-01-01T00:00:00.001Z' },
      ],
    });
  });
});

describe('an end', () => {
  it('is shown with what waits for its peer, and whether it is live', async () => {
    const { house, flow, path } = await make({ protocol: 'rtmp', failover });
    house.endpoints.push({
      flowId: flow.id,
      pipeline: 'primary',
      id: 'input',
      role: 'source',
      state: 'connected',
      condition: 'flowing',
      since: 1,
      bitrate: 1,
      packets: 1,
      dropped: 0,
      lost: 0,
      over: false,
      queueMs: 40,
      live: true,
    });
    expect(flowIn(await house.call('GET', path)).input.status.primary).toMatchObject({ queueMs: 40, live: true });
  });
});

describe('the OpenAPI document', () => {
  const shapeSchema = z.object({ properties: z.looseObject({ protocol: z.record(z.string(), z.unknown()) }) });
  const unionSchema = z.object({ oneOf: z.array(shapeSchema) });

  it('shows input and output as one of three shapes, told apart by their protocol', async () => {
    const { text } = await createRestHouse().send('/openapi.json', {});
    const { components, paths } = z
      .object({
        components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
        paths: z.record(z.string(), z.record(z.string(), z.looseObject({ requestBody: z.unknown().optional() }))),
      })
      .parse(JSON.parse(text));
    for (const name of ['Input', 'Output']) {
      const shapes = unionSchema.parse(components.schemas[name]).oneOf;
      const named = shapes.map(({ properties }) => Object.values(properties.protocol).flat().join());
      expect(named.map((words) => /srt|rtmp|rtp/.exec(words)?.[0])).toEqual(['srt', 'rtmp', 'rtp']);
      expect(JSON.stringify(shapes)).not.toMatch(/passphrase"|"streamKey"/);
    }
    expect(JSON.stringify(paths['/flows/{flowId}/outputs']?.['post']?.requestBody)).toContain('streamKey');
  });
});
