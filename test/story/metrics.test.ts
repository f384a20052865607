/** Prometheus itself scrapes a house with a stream in it, and its own tools look at what it gets. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startFlowOf, untilReached } from '../kit/flow-kit.ts';
import { freePorts } from '../kit/free-ports.ts';
import { pushWithFfmpeg, receive } from '../kit/peers.ts';
import { run } from '../kit/program.ts';
import { inputPorts, openStage, type Stage, untilFlowing } from '../kit/stage.ts';
import { until } from '../kit/until.ts';

/** A scrape a second for so long is as many as a minute has at the usual 4 s. */
const SCRAPES = 15;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ STREAMLINK_METRICS_TOKEN: 'a-token-of-the-settings' });
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

const answerSchema = z.object({
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
});

async function metricsWith(authorization: string | undefined): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${stage.house.url}/metrics`, { headers: authorization ? { authorization } : {} });
  return { status: answer.status, text: await answer.text() };
}

describe('the server', () => {
  it('says to whoever asks that it is up and ready, and how its history is', async () => {
    const answerOf = async (path: string): Promise<unknown> => (await fetch(`${stage.house.url}${path}`)).json();
    expect(await answerOf('/healthz')).toMatchObject({ status: 'ok' });
    expect(await answerOf('/readyz')).toEqual({ status: 'ready', history: 'ok' });
  });
});

describe('the metrics', () => {
  it('are for who has an API key or a scrape token, and a scrape token is for nothing else', async () => {
    const made = z
      .object({ id: z.string(), token: z.string() })
      .parse((await stage.house.api('POST', '/scrape-tokens', { name: 'Prometheus' })).body);
    expect((await metricsWith(`Bearer ${made.token}`)).status).toBe(200);
    expect((await metricsWith('Bearer a-token-of-the-settings')).status).toBe(200);
    expect((await metricsWith(`Basic ${btoa('test-key-id:test-key-secret-0123')}`)).status).toBe(200);
    for (const wrong of [undefined, 'Bearer nothing-like-it', `Basic ${btoa('test-key-id:wrong')}`])
      expect((await metricsWith(wrong)).status).toBe(401);
    const api = await fetch(`${stage.house.url}/api/v1/flows`, { headers: { authorization: `Bearer ${made.token}` } });
    expect(api.status).toBe(401);
    expect((await stage.house.api('DELETE', `/scrape-tokens/${made.id}`)).status).toBe(204);
    expect((await metricsWith(`Bearer ${made.token}`)).status).toBe(401);
  });

  it('are scraped by Prometheus, whose tools find no fault in them or in our rules', async () => {
    const [output = 0, web = 0] = await freePorts(2);
    const outputs = [{ name: 'Studio', protocol: 'srt', destination: { host: '127.0.0.1', port: output } }] as const;
    const flow = await startFlowOf(stage.house, { name: 'A "quoted" \\ name', protocol: 'srt', outputs });
    await stage.keep(receive(output, stage.file('scraped')));
    await untilReached(stage.house, flow.id);
    await stage.keep(pushWithFfmpeg([{ port: inputPorts(flow)[0] }], stage.file('sent.ts'), 60));
    await untilFlowing(stage.house, flow.id);

    const config = `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [${process.cwd()}/docs/monitoring/alerts.yml]
scrape_configs:
  - job_name: streamlink
    authorization: { credentials: a-token-of-the-settings }
    static_configs: [{ targets: ['${new URL(stage.house.url).host}'] }]
`;
    writeFileSync(stage.file('prometheus.yml'), config);
    expect(
      spawnSync('promtool', ['check', 'config', stage.file('prometheus.yml')], { encoding: 'utf8' }),
    ).toMatchObject({
      status: 0,
    });
    await stage.keep(
      run('prometheus', [
        `--config.file=${stage.file('prometheus.yml')}`,
        `--storage.tsdb.path=${stage.file('tsdb')}`,
        `--web.listen-address=127.0.0.1:${web}`,
      ]),
    );
    const ask = async (query: string) => {
      const answer = await fetch(`http://127.0.0.1:${web}/api/v1/query?query=${encodeURIComponent(query)}`);
      return answerSchema.parse(await answer.json()).data.result;
    };
    const countOf = async (query: string): Promise<number> =>
      Number((await ask(query).catch(() => []))[0]?.value[1] ?? 0);
    await until('Prometheus has scraped', async () => (await countOf('sum(count_over_time(up[5m]))')) >= SCRAPES, 60);
    expect(await countOf('min_over_time(up[5m])')).toBe(1);

    const rate = 'rate(streamlink_endpoint_bytes_total{role="input",pipeline="primary"}[10s]) * 8';
    expect(await countOf(rate)).toBeGreaterThan(500_000);
    const [state] = await ask('streamlink_endpoint_state{role="output",pipeline="primary",state="connected"}');
    expect(state).toMatchObject({
      value: [expect.any(Number), '1'],
      metric: { flow: 'A "quoted" \\ name', endpoint: 'Studio' },
    });
    for (const name of ['relay', 'server'])
      for (const figure of ['cpu_seconds_total', 'resident_memory_bytes', 'event_loop_delay_seconds'])
        expect(await countOf(`count(streamlink_${name}_${figure})`)).toBeGreaterThan(0);
    expect(await countOf('count(streamlink_relay_cpu_seconds_total)')).toBe(2);
    expect(await countOf('sum(streamlink_relay_cpu_seconds_total)')).toBeGreaterThan(0);

    const { text } = await metricsWith('Bearer a-token-of-the-settings');
    const checked = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect([checked.status, checked.stdout, checked.stderr]).toEqual([0, '', '']);
    const rules = spawnSync('promtool', ['check', 'rules', 'docs/monitoring/alerts.yml'], { encoding: 'utf8' });
    expect([rules.status, rules.stderr]).toEqual([0, '']);
  });
});
