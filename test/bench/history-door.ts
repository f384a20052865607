/** The doors through which health comes and goes, as the server has them: the JSON API, the charts, and the relays'. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { serve } from '@hono/node-server';
import type { HealthChannel } from '../../db/history-model.ts';
import { type History, RETENTION_DAYS } from '../../db/history.ts';
import { healthSchema, type HealthSecond } from '../../relay/contract/health.ts';
import { HealthBuffer } from '../../relay/health-buffer.ts';
import { createHealthDesk, healthFields } from '../../server/health.ts';
import { toCharts } from '../../server/http/console-health-charts.ts';
import { bandwidthFigures, checkFigures, type FigureName, figures } from '../../web/views/figures.ts';
import { createRestHouse } from '../kit/rest-house.ts';
import { noise } from './history-noise.ts';

const exec = promisify(execFile);
const DAY_MS = 86_400_000;
const names = healthFields.map(({ name }) => name);
const draft = {
  ...{ name: 'Measured', regionId: 'europe', maxBitrate: 10_000_000 },
  input: { name: 'Camera', protocol: 'srt' },
};

const deskOf = (history: History) =>
  createHealthDesk({
    history,
    retentionDays: RETENTION_DAYS,
    failingSince: () => undefined,
    now: Date.now,
    ticks: () => performance.now(),
  });

/**
 * A client in another process asks for a day of every field at 1 s: `open` is called when the server stands. Returns the
 * answer's bytes.
 */
export async function askOverHttp(
  history: History,
  channel: HealthChannel,
  from: number,
  open: () => Promise<void>,
): Promise<number> {
  const house = createRestHouse({ health: deskOf(history) });
  await house.call('POST', '/flows', draft);
  const [flow] = house.store.all();
  if (flow) await house.store.save({ ...flow, id: channel.flowId });
  const server = serve({ fetch: (request) => house.fetch(request), port: 0, hostname: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const query = new URLSearchParams({
    ...{ pipeline: channel.pipeline, endpoint: channel.endpointId, fields: names.join() },
    ...{ from: String(from), to: String(from + DAY_MS - 1000) },
  });
  const url = `http://127.0.0.1:${port}/flows/${channel.flowId}/health?${query.toString()}`;
  await open();
  const { stdout } = await exec(process.execPath, [join(process.cwd(), 'dist/test/bench/history-client.js'), url]);
  await new Promise((resolve) => server.close(resolve));
  const [status, bytes] = stdout.trim().split(' ');
  if (status !== '200') throw new Error(`The JSON API answered ${stdout}`);
  return Number(bytes);
}

/** The charts of a day: the end and four tracks, as the Health tab asks for them. Returns the answer's characters. */
export async function askForCharts(history: History, channel: HealthChannel, from: number): Promise<number> {
  const isFigure = (name: string): name is FigureName => name in figures;
  const chosen = names.filter(isFigure);
  const read = (fields: readonly FigureName[]) =>
    history.read({ channel, from, to: from + DAY_MS, fields, maxPoints: 2000 });
  const [endpoint, ...series] = await Promise.all([
    read([...new Set([...bandwidthFigures, ...chosen, ...checkFigures])]),
    ...Array.from({ length: 4 }, () => read(['bitrate', 'frameRate'])),
  ]);
  const tracks = series.map((one, i) => ({ name: `pid ${256 + i}`, series: one }));
  const ask = { protocol: 'srt', side: 'source', figures: chosen } as const;
  return JSON.stringify(toCharts({ endpoint, tracks }, ask, [])).length;
}

/**
 * Relays come back after ten minutes, with ends of three tracks each: `made` is called when what they say was made, which
 * is no work of the server. Returns how many messages it was.
 */
export async function relaysComeBack(history: History, ends: number, made: () => Promise<void>): Promise<number> {
  const desk = deskOf(history);
  const pool = noise(600, 2);
  const now = Math.floor(Date.now() / 1000) * 1000;
  const track = {
    kind: 'video' as const,
    codec: 'H.264',
    values: { bitrate: 5e6, frameRate: 25, continuityErrors: 0 },
  };
  const buffer = new HealthBuffer();
  const texts: string[] = [];
  for (let seq = 0; seq < 600; seq++) buffer.add(secondOf(seq));
  await buffer.flush(async (seconds) => texts.push(JSON.stringify({ boot: 'b', seconds })));
  await made();
  // One message a turn, as a socket gives them.
  for (const text of texts) {
    await nextTurn();
    await desk.take(healthSchema.parse(JSON.parse(text)));
  }
  return texts.length;

  function secondOf(seq: number): HealthSecond {
    const endpoints = Array.from({ length: ends }, (_, end) => ({
      ...{ flowId: `back-${end}`, pipeline: 'primary' as const, id: 'input' },
      values: pool[(seq + end * 7) % pool.length] ?? {},
      tracks: [256, 257, 258].map((pid) => ({ id: `pid ${pid}`, ...track })),
    }));
    return { seq, at: now - (600 - seq) * 1000, endpoints };
  }
}
