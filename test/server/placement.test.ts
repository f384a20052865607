import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Flow } from '../../db/model.ts';
import { applySchema, type PipelinePlan, type SinkSpec, type SourceSpec } from '../../relay/contract/messages.ts';
import { pipelines } from '../../relay/contract/settings.ts';
import { type Ground, hopsNeeded, place } from '../../server/placement.ts';
import { flow, input, output } from '../kit/samples.ts';

const ground: Ground = {
  listenHost: '0.0.0.0',
  hopHost: '127.0.0.1',
  hopKey: (path) => createHash('sha256').update(path).digest('hex'),
  rtmpPort: (relayId) => (relayId.endsWith('1') ? 1935 : 1936),
};

const regionIds = ['asia', 'europe', 'us-west', 'a', 'a-1'];

/** Any flow of which `flows.ts` could be the maker: each hop that it needs has a port of its own. */
const anyFlow: fc.Arbitrary<Flow> = fc
  .record({
    regionId: fc.constantFrom(...regionIds),
    failover: fc.boolean(),
    outputs: fc.array(fc.record({ regionId: fc.constantFrom(...regionIds), backup: fc.boolean() }), { maxLength: 12 }),
  })
  .map(({ regionId, failover, outputs }) => {
    const made = flow({
      regionId,
      input: input({ ...(failover && { failover: { preferred: 'primary', autoReturn: true, order: 0 } }) }),
      outputs: outputs.map((it, index) =>
        output({
          id: `output-${index}`,
          regionId: it.regionId,
          destinations: {
            primary: { host: 'p.example', port: 1000 + index },
            ...(it.backup && { backup: { host: 'b.example', port: 1000 + index } }),
          },
        }),
      ),
    });
    return { ...made, hops: hopsNeeded(made).map((hop, index) => ({ ...hop, port: 20_002 + index })) };
  });

const plansOf = (placed: ReadonlyMap<string, readonly PipelinePlan[]>): PipelinePlan[] => [...placed.values()].flat();
const isHop = (id: string): boolean => id.startsWith('hop:') || id === 'cross';

/** Where a sink or an output sends, as text. */
const placeOf = (target: { host: string; port: number } | { url: string }): string =>
  'url' in target ? target.url : `${target.host}:${target.port}`;

/** Every place at which a plan takes bytes from another relay. */
const hopSources = ({ source, sourceId, failover }: PipelinePlan): SourceSpec[] => [
  ...(sourceId === 'hop' ? [source] : []),
  ...(failover ? [failover.cross] : []),
];

/** Port, key and latency of one end of a hop, which is SRT. */
const hopEnd = (spec: SourceSpec | SinkSpec): string =>
  spec.protocol === 'srt' ? JSON.stringify([spec.port, spec.encryption, spec.latencyMs]) : 'not SRT';

const holds = (check: (made: Flow, placed: ReadonlyMap<string, readonly PipelinePlan[]>) => void): void =>
  fc.assert(fc.property(anyFlow, (made) => check(made, place(made, ground))));

describe('placing a flow', () => {
  it('never puts primary and backup on one relay', () => {
    holds((_, placed) => {
      for (const plans of placed.values()) expect(new Set(plans.map(({ pipeline }) => pipeline)).size).toBe(1);
    });
  });

  it('sends to each destination exactly once, on its own pipeline', () => {
    holds((made, placed) => {
      const sent = plansOf(placed).flatMap(({ pipeline, sinks }) =>
        sinks.filter(({ id }) => !isHop(id)).map((sink) => `${pipeline} ${sink.id} ${placeOf(sink)}`),
      );
      const wanted = made.outputs.flatMap(({ id, destinations }) =>
        pipelines.flatMap((pipeline) => {
          const destination = destinations[pipeline];
          return destination ? [`${pipeline} ${id} ${placeOf(destination)}`] : [];
        }),
      );
      expect(sent.sort()).toEqual(wanted.sort());
    });
  });

  it('listens for each pipeline at its input exactly once', () => {
    holds((made, placed) => {
      const inputs = plansOf(placed).filter(({ sourceId }) => sourceId === 'input');
      expect(inputs.map(({ pipeline, source }) => [pipeline, source.port])).toEqual([
        ['primary', made.input.ports.primary],
        ['backup', made.input.ports.backup],
      ]);
    });
  });

  it('gives both ends of each hop one port, one key and one latency', () => {
    holds((_, placed) => {
      const dialled = plansOf(placed).flatMap(({ sinks }) => sinks.filter(({ id }) => isHop(id)).map(hopEnd));
      const listened = plansOf(placed).flatMap(hopSources).map(hopEnd);
      expect(dialled.sort()).toEqual(listened.sort());
    });
  });

  it('makes no hop within a region, and one to each other region', () => {
    holds((made, placed) => {
      const hops = plansOf(placed).flatMap(({ pipeline, sinks }) =>
        sinks.filter(({ id }) => isHop(id)).map(({ id }) => `${pipeline} ${id}`),
      );
      expect(hops).not.toContain(`primary hop:${made.regionId}`);
      expect(new Set(hops).size).toBe(hops.length);
    });
  });

  it('gives each hop a key of its own', () => {
    holds((_, placed) => {
      const keys = plansOf(placed).flatMap(hopSources).map(hopEnd);
      expect(new Set(keys).size).toBe(keys.length);
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
    holds((made, placed) => {
      expect(place(made, ground)).toEqual(placed);
    });
  });

  it('hands each end its own settings', () => {
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

  it('lets only the other relay of this host into a hop', () => {
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

  it('does not go on without the port of a hop', () => {
    expect(() => place(flow({ outputs: [output({ regionId: 'europe' })] }), ground)).toThrow(
      'no port for its primary region hop to europe',
    );
  });
});
