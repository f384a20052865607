import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Flow, Input, Output } from '../../db/model.ts';
import { applySchema, type PipelinePlan, type SinkSpec, type SourceSpec } from '../../relay/contract/messages.ts';
import { pipelines } from '../../relay/contract/settings.ts';
import { type Ground, hopsNeeded, place, relayOf, rtmpApp } from '../../server/placement.ts';
import { failover, flow, input, output, rtmpInput, rtmpOutput, rtpInput, rtpOutput } from '../kit/samples.ts';

const ground: Ground = {
  listenHost: '0.0.0.0',
  hopHost: '127.0.0.1',
  hopKey: (place) => Buffer.from(place).toString('hex').padEnd(64, '0').slice(0, 64),
  /** Another one for each relay of these tests. */
  rtmpPort: (relayId) => 1935 + Buffer.from(relayId).reduce((sum, byte) => sum + byte, 0),
};

const regionIds = ['asia', 'europe', 'us-west', 'a', 'a-1'];

const anyInput: fc.Arbitrary<Input> = fc
  .record({
    protocol: fc.constantFrom(input(), rtmpInput(), rtpInput(), rtpInput({ bareTs: true })),
    failover: fc.option(fc.record({ preferred: fc.constantFrom(...pipelines), autoReturn: fc.boolean() }), {
      nil: undefined,
    }),
  })
  .map(({ protocol, failover: wish }) => ({ ...protocol, ...(wish && { failover: { ...wish, order: 0 } }) }));

interface AnyOutput {
  readonly protocol: Output['protocol'];
  readonly regionId: string;
  readonly backup: boolean;
}

const anyOutput: fc.Arbitrary<AnyOutput> = fc.record({
  protocol: fc.constantFrom('srt', 'rtmp', 'rtp'),
  regionId: fc.constantFrom(...regionIds),
  backup: fc.boolean(),
});

function toOutput({ protocol, regionId, backup }: AnyOutput, index: number): Output {
  const id = `output-${index}`;
  const to = { primary: { host: 'p.example', port: 1000 + index }, backup: { host: 'b.example', port: 1000 + index } };
  const urls = {
    primary: { url: `rtmp://p.example/${index}`, streamKey: 'key' },
    backup: { url: `rtmp://b.example/${index}`, streamKey: 'key' },
  };
  const some = <D>({ primary, backup: other }: { primary: D; backup: D }) => ({
    primary,
    ...(backup && { backup: other }),
  });
  switch (protocol) {
    case 'srt':
      return output({ id, regionId, destinations: some(to) });
    case 'rtmp':
      return rtmpOutput({ id, regionId, destinations: some(urls) });
    case 'rtp':
      return rtpOutput({ id, regionId, destinations: some(to) });
  }
}

/** Any flow of which `flows.ts` could be the maker: each hop that it needs has a port of its own. */
const anyFlow: fc.Arbitrary<Flow> = fc
  .record({
    regionId: fc.constantFrom(...regionIds),
    input: anyInput,
    outputs: fc.array(anyOutput, { maxLength: 12 }),
  })
  .map(({ regionId, input: made, outputs }) =>
    withHops(flow({ regionId, input: made, outputs: outputs.map(toOutput) })),
  );

const withHops = (made: Flow): Flow => ({
  ...made,
  hops: hopsNeeded(made).map((hop, index) => ({ ...hop, port: 20_002 + index })),
});

type Placed = ReadonlyMap<string, readonly PipelinePlan[]>;

const plansOf = (placed: Placed): PipelinePlan[] => [...placed.values()].flat();
/** What goes to another relay of ours. */
const isInner = (id: string): boolean => id.startsWith('hop:') || id === 'cross';

/** What both ends of a link between relays must agree on. */
const linkOf = (spec: SinkSpec | SourceSpec): string => {
  if (spec.protocol !== 'srt') throw new Error(`A link of ours speaks ${spec.protocol}.`);
  return JSON.stringify([spec.port, spec.encryption, spec.latencyMs]);
};

const addressOf = (spec: SinkSpec): string => (spec.protocol === 'rtmp' ? spec.url : `${spec.host}:${spec.port}`);

const dialled = (placed: Placed): { link: string; to: string; pipeline: string; relayId: string }[] =>
  [...placed].flatMap(([relayId, plans]) =>
    plans.flatMap(({ pipeline, sinks }) =>
      sinks.filter(({ id }) => isInner(id)).map((sink) => ({ link: linkOf(sink), to: sink.id, pipeline, relayId })),
    ),
  );

const listened = (placed: Placed): { link: string; pipeline: string; relayId: string; cross: boolean }[] =>
  [...placed].flatMap(([relayId, plans]) =>
    plans.flatMap(({ pipeline, source, sourceId, failover: wish }) => [
      ...(sourceId === 'hop' ? [{ link: linkOf(source), pipeline, relayId, cross: false }] : []),
      ...(wish ? [{ link: linkOf(wish.cross), pipeline, relayId, cross: true }] : []),
    ]),
  );

const holds = (check: (made: Flow, placed: Placed) => void): void =>
  fc.assert(
    fc.property(anyFlow, (made) => {
      check(made, place(made, ground));
    }),
  );

describe('placing a flow', () => {
  it('never puts primary and backup on one relay', () => {
    holds((_, placed) => {
      for (const plans of placed.values()) expect(new Set(plans.map(({ pipeline }) => pipeline)).size).toBe(1);
    });
  });

  it('sends to each destination exactly once, on its own pipeline', () => {
    holds((made, placed) => {
      const sent = plansOf(placed).flatMap(({ pipeline, sinks }) =>
        sinks.filter(({ id }) => !isInner(id)).map((sink) => `${pipeline} ${sink.id} ${addressOf(sink)}`),
      );
      const wanted = made.outputs.flatMap((one) =>
        pipelines.flatMap((pipeline) => {
          const destination = one.destinations[pipeline];
          if (!destination) return [];
          const address = 'url' in destination ? destination.url : `${destination.host}:${destination.port}`;
          return [`${pipeline} ${one.id} ${address}`];
        }),
      );
      expect(sent.sort()).toEqual(wanted.sort());
    });
  });

  it('listens for each pipeline at its input exactly once, on the port of its protocol', () => {
    holds((made, placed) => {
      const inputs = plansOf(placed).filter(({ sourceId }) => sourceId === 'input');
      const portOf = (pipeline: 'primary' | 'backup'): number =>
        made.input.protocol === 'rtmp' ? ground.rtmpPort(relayOf(made.regionId, pipeline)) : made.input.ports[pipeline];
      expect(inputs.map(({ pipeline, source }) => [pipeline, source.port])).toEqual([
        ['primary', portOf('primary')],
        ['backup', portOf('backup')],
      ]);
    });
  });

  it('gives both ends of each link between relays one port, one key and one latency', () => {
    holds((_, placed) => {
      const links = (ends: readonly { link: string }[]): string[] => ends.map(({ link }) => link).sort();
      expect(links(dialled(placed))).toEqual(links(listened(placed)));
    });
  });

  it('leads a hop from a pipeline to the same one, and a crossing to the other one', () => {
    holds((_, placed) => {
      const ends = listened(placed);
      for (const { link, to, pipeline } of dialled(placed)) {
        const end = ends.find((one) => one.link === link);
        expect([to === 'cross', pipeline === end?.pipeline]).toEqual([end?.cross, to !== 'cross']);
      }
    });
  });

  it('crosses between two relays, never within one', () => {
    holds((_, placed) => {
      const ends = listened(placed);
      for (const { link, relayId } of dialled(placed))
        expect(ends.find((one) => one.link === link)?.relayId).not.toBe(relayId);
    });
  });

  it('makes no hop within a region, and one to each other region', () => {
    holds((made, placed) => {
      const hops = dialled(placed)
        .filter(({ to }) => to !== 'cross')
        .map(({ pipeline, to }) => `${pipeline} ${to}`);
      expect(hops).not.toContain(`primary hop:${made.regionId}`);
      expect(new Set(hops).size).toBe(hops.length);
    });
  });

  it('gives each link a key of its own', () => {
    holds((_, placed) => {
      const links = listened(placed).map(({ link }) => link);
      expect(new Set(links).size).toBe(links.length);
    });
  });

  it('sends nobody a source without sinks, but for an input', () => {
    holds((_, placed) => {
      for (const { sourceId, sinks } of plansOf(placed)) expect(sourceId === 'input' || sinks.length > 0).toBe(true);
    });
  });

  it('makes plans that a relay understands', () => {
    holds((made, placed) => {
      const wish: unknown = JSON.parse(JSON.stringify({ flowId: made.id, revision: 1, plans: plansOf(placed) }));
      expect(applySchema.parse(wish)).toEqual(wish);
    });
  });

  it('is the same each time', () => {
    holds((made, placed) => expect(place(made, ground)).toEqual(placed));
  });
});

describe('failover', () => {
  it('is of the two relays that take the input in, and of no other', () => {
    holds((made, placed) => {
      for (const { sourceId, failover: wish } of plansOf(placed))
        expect(wish !== undefined).toBe(sourceId === 'input' && made.input.failover !== undefined);
    });
  });

  it('crosses nothing while it is off', () => {
    const made = withHops(flow({ outputs: [output()] }));
    expect([made.hops, dialled(place(made, ground))]).toEqual([[], []]);
  });

  it('tells both relays the same wish', () => {
    const wish = { ...failover, preferred: 'backup', autoReturn: false, order: 3 } as const;
    const placed = place(withHops(flow({ input: input({ failover: wish }), outputs: [output()] })), ground);
    for (const relayId of ['asia-1', 'asia-2']) expect(placed.get(relayId)?.[0]?.failover).toMatchObject(wish);
  });
});

describe('an RTMP input', () => {
  const made = flow({ input: rtmpInput({ allowlist: ['192.0.2.0/24'] }), outputs: [output()] });

  it('has one app for the flow, and a key for each pipeline', () => {
    const sources = plansOf(place(made, ground)).map(({ source }) => source);
    expect(sources).toEqual([
      {
        protocol: 'rtmp',
        host: '0.0.0.0',
        port: ground.rtmpPort('asia-1'),
        allowlist: ['192.0.2.0/24'],
        app: rtmpApp('flow-1'),
        key: 'key-of-primary',
      },
      {
        protocol: 'rtmp',
        host: '0.0.0.0',
        port: ground.rtmpPort('asia-2'),
        allowlist: ['192.0.2.0/24'],
        app: rtmpApp('flow-1'),
        key: 'key-of-backup',
      },
    ]);
  });

  it('shares its relay’s port with other flows, and is told from them by its app', () => {
    const other = flow({ id: 'flow-2', input: rtmpInput(), outputs: [output()] });
    const [one, two] = [made, other].map((it) => place(it, ground).get('asia-1')?.[0]?.source);
    expect(one?.port).toBe(two?.port);
    expect(one?.protocol === 'rtmp' && one.app).not.toBe(two?.protocol === 'rtmp' && two.app);
  });
});

describe('each end', () => {
  it('is handed its own settings', () => {
    const key = { keyLength: 192, passphrase: 'the input key' } as const;
    const outputKey = { keyLength: 256, passphrase: 'the output key' } as const;
    const made = flow({
      input: input({ latencyMs: 500, encryption: key, allowlist: ['192.0.2.0/24'] }),
      outputs: [output({ latencyMs: 800, encryption: outputKey })],
    });
    expect(place(made, ground).get('asia-1')).toEqual([
      {
        pipeline: 'primary',
        maxBitrate: 10_000_000,
        sourceId: 'input',
        source: {
          protocol: 'srt',
          host: '0.0.0.0',
          port: 20_000,
          latencyMs: 500,
          encryption: key,
          allowlist: ['192.0.2.0/24'],
        },
        sinks: [
          { id: 'output-1', protocol: 'srt', host: '198.51.100.1', port: 9000, latencyMs: 800, encryption: outputKey },
        ],
      },
    ]);
  });

  it('of RTMP and RTP is handed what its protocol has', () => {
    const outputs = [rtmpOutput({ id: 'one' }), rtpOutput({ id: 'two', ttl: 3, bareTs: true })];
    const [plan] = place(flow({ input: rtpInput({ bareTs: true }), outputs }), ground).get('asia-1') ?? [];
    expect([plan?.source, ...(plan?.sinks ?? [])]).toEqual([
      { protocol: 'rtp', host: '0.0.0.0', port: 20_000, allowlist: ['0.0.0.0/0'], bareTs: true },
      { protocol: 'rtmp', id: 'one', url: 'rtmps://live.example.com/app', key: 'key-of-platform' },
      { protocol: 'rtp', id: 'two', host: '239.0.0.1', port: 5004, ttl: 3, bareTs: true },
    ]);
  });
});

describe('a hop', () => {
  it('lets only the other relay of this host in', () => {
    const made = flow({
      outputs: [output({ regionId: 'europe' })],
      hops: [{ use: 'region', regionId: 'europe', pipeline: 'primary', port: 20_002 }],
    });
    expect(place(made, ground).get('europe-1')?.[0]?.source).toMatchObject({
      host: '127.0.0.1',
      port: 20_002,
      allowlist: ['127.0.0.1/32'],
    });
  });

  it.each<[string, Flow]>([
    ['primary region hop to europe', flow({ outputs: [output({ regionId: 'europe' })] })],
    ['backup cross hop to asia', flow({ input: input({ failover }), outputs: [output()] })],
  ])('without a port is a bug that is told: %s', (what, made) => {
    expect(() => place(made, ground)).toThrow(`no port for its ${what}`);
  });
});
