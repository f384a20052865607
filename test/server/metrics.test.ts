import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { contentTypes, metricText } from '../../server/metric-text.ts';
import { collectMetrics, type MetricsGround } from '../../server/metrics.ts';
import { createStorageWatch } from '../../server/storage-watch.ts';
import { createNewest } from '../../server/health-newest.ts';
import { flow, input, sink } from '../kit/alarm-scene.ts';

const process = {
  startedAt: 1_700_000_000_000,
  cpuSeconds: 12.5,
  residentBytes: 90_000_000,
  heapBytes: 30_000_000,
  eventLoopDelaySeconds: 0.004,
  eventLoopBusyRatio: 0.1,
};

/** A house in which everything is measured that can be. */
function fullGround(changes: Partial<MetricsGround> = {}): MetricsGround {
  const now = Date.now();
  const newest = createNewest();
  const values = { lossRatio: 0.01, retransmitRatio: 0.02, rttMs: 23, bufferMs: 120, frameAgeMs: 40, queueMs: 5 };
  const endpoints = [{ flowId: flow.id, pipeline: 'primary' as const, id: 'input', values, tracks: [] }];
  newest.take({ boot: 'boot', seconds: [{ seq: 0, at: now, endpoints }] }, { wall: now, ticks: 0 });
  const live = {
    flow,
    state: 'running' as const,
    relayLost: false,
    endpoints: [
      input('primary', { bytes: 1_000_000, sessions: 3 }),
      sink('primary', { queueMs: 5, bytes: 7, sessions: 1 }),
    ],
  };
  return {
    version: '1.2.3',
    flows: [live],
    vitals: newest.vitals(() => now),
    relays: [{ id: 'europe-1', state: 'reporting', isNeeded: true, isHeard: true, process }],
    server: process,
    storage: createStorageWatch(Date.now),
    firing: ['input-lost'],
    webhooks: [{ webhookId: 'hook-1', name: 'Pager', waiting: 1, delivered: 2, failedAttempts: 3 }],
    ...changes,
  };
}

const textOf = (ground: MetricsGround): string => metricText(collectMetrics(ground), 'text');
const primary = `flow_id="${flow.id}",flow="${flow.name}",pipeline="primary"`;

/** Every name of a metric that a text speaks of. */
const namesIn = (text: string): string[] => [...new Set(text.match(/\bstreamlink_[a-z_]+/g))].sort();

describe('the metrics', () => {
  it('are of each end that an operator made, in base units', () => {
    const text = textOf(fullGround());
    for (const line of [
      `streamlink_endpoint_bytes_total{${primary},endpoint_id="input-1",endpoint="Camera 1",role="input",protocol="srt",region="asia"} 1000000`,
      'role="input",protocol="srt",region="asia"} 0.023',
      'role="input",protocol="srt",region="asia",state="connected"} 1',
      'streamlink_relay_cpu_seconds_total{relay="europe-1"} 12.5',
      'streamlink_build_info{version="1.2.3"} 1',
      'streamlink_alarms_firing{kind="input-lost"} 1',
      'streamlink_alarms_firing{kind="output-down"} 0',
    ])
      expect(text).toContain(line);
    expect(text).toMatch(/streamlink_endpoint_reconnects_total\{[^}]*role="input"[^}]*\} 2\n/);
  });

  it('leave out what is not known: absent, never 0', () => {
    const text = textOf(fullGround({ flows: [{ flow, state: 'running', relayLost: true, endpoints: [] }] }));
    expect(text).not.toContain('streamlink_endpoint_bytes_total');
    expect(text).not.toContain('streamlink_endpoint_loss_ratio');
    expect(text).toMatch(/streamlink_endpoint_state\{[^}]*role="input"[^}]*state="connected"\} 0\n/);
  });

  it('keep a name with quotes, a backslash and a line end in one label', () => {
    const text = metricText(
      [{ name: 'a', type: 'gauge', help: 'A\nB', samples: [{ labels: { l: '"\\\n' }, value: 1 }] }],
      'text',
    );
    expect(text).toBe('# HELP a A\\nB\n# TYPE a gauge\na{l="\\"\\\\\\n"} 1\n');
  });

  it('are OpenMetrics for who asks for it: a counter is named without its suffix, and the end is marked', () => {
    const text = metricText(collectMetrics(fullGround()), 'openmetrics');
    expect(text).toContain('# TYPE streamlink_endpoint_bytes counter\nstreamlink_endpoint_bytes_total{');
    expect(text.endsWith('# EOF\n')).toBe(true);
    expect(contentTypes.openmetrics).toContain('application/openmetrics-text');
  });

  it('are without fault for promtool', () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: textOf(fullGround()),
      encoding: 'utf8',
    });
    expect([status, stdout, stderr]).toEqual([0, '', '']);
  });
});

describe('the files for Grafana and Prometheus', () => {
  const served = new Set(
    collectMetrics(fullGround())
      .filter(({ samples }) => samples.length > 0)
      .map(({ name }) => name),
  );

  it.each(['docs/monitoring/grafana.json', 'docs/monitoring/alerts.yml', 'docs/monitoring.md'])(
    'name no metric that is not served: %s',
    (path) => {
      const named = namesIn(readFileSync(path, 'utf8'));
      expect(named.length).toBeGreaterThan(8);
      expect(named.filter((name) => !served.has(name))).toEqual([]);
    },
  );

  it('explain every metric in the document', () => {
    const document = readFileSync('docs/monitoring.md', 'utf8');
    expect([...served].filter((name) => !document.includes(`\`${name}\``))).toEqual([]);
  });

  it('are a dashboard with an expression in each panel', () => {
    const dashboard: unknown = JSON.parse(readFileSync('docs/monitoring/grafana.json', 'utf8'));
    expect(dashboard).toMatchObject({ title: 'StreamLink', uid: 'streamlink' });
    expect(JSON.stringify(dashboard).match(/"expr":"[^"]+/g)?.length).toBeGreaterThan(15);
  });
});

describe('what the history tells of itself', () => {
  it('is failed until it is mended, file by file', () => {
    const storage = createStorageWatch(Date.now);
    storage.hear({ code: 'storage-failed', file: 'health', detail: '' });
    storage.hear({ code: 'dropped', count: 7, detail: '' });
    expect(storage.failed()).toEqual({ health: true, log: false });
    storage.hear({ code: 'storage-mended', file: 'health', detail: '' });
    expect(storage.failed()).toEqual({ health: false, log: false });
    expect(storage.faults()).toMatchObject({ 'storage-failed': 1, 'storage-mended': 1, dropped: 7 });
  });
});

describe('the newest readings', () => {
  const reading = { flowId: 'f', pipeline: 'primary' as const, id: 'input', tracks: [] };
  const second = (at: number, bitrate: number) => ({ seq: at, at, endpoints: [{ ...reading, values: { bitrate } }] });

  it('are those of the newest second, whatever comes late, and none once they are old', () => {
    let now = 100_000;
    const newest = createNewest();
    const vitals = newest.vitals(() => now);
    for (const one of [second(100_000, 2), second(90_000, 1)])
      newest.take({ boot: 'b', seconds: [one] }, { wall: now, ticks: now });
    expect(vitals.of(reading)?.values).toEqual({ bitrate: 2 });
    expect(vitals.of({ ...reading, pipeline: 'backup' })).toBeUndefined();
    now += 5000;
    expect(vitals.of(reading)).toBeUndefined();
  });
});
