/** Entry of the one worker that reads health.db and log.db. Argument: the folder. */
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { HealthReader } from './history-health-reader.ts';
import { LogReader } from './history-log-reader.ts';
import { createLane } from './history-lane.ts';
import type { ReaderCalls } from './history-model.ts';
import { toCsv, toJson } from './history-text.ts';
import { serve } from './history-wire.ts';

const [, , folder = '.'] = process.argv;
const port = parentPort;
if (!port) throw new Error('The reader of the history is a worker thread.');

const inTurn = createLane();
const encoder = new TextEncoder();
const health = new HealthReader(join(folder, 'health.db'), (fault) => port.postMessage({ kind: 'fault', fault }));
const log = new LogReader(join(folder, 'log.db'));

const calls: ReaderCalls = {
  ping: () => inTurn(async () => undefined),
  read: (query, hot) => inTurn(() => health.read(query, hot)),
  text: (query, hot, form) =>
    inTurn(async () => {
      const series = await health.read(query, hot);
      return encoder.encode(form === 'json' ? toJson(series) : toCsv(series));
    }),
  totals: (channel, until, hot) => inTurn(() => health.totals(channel, until, hot)),
  channels: (query, hot) => inTurn(() => health.channels(query, hot)),
  log: (query) => inTurn(() => log.page(query)),
  countLog: (query) => inTurn(() => log.count(query)),
  inode: async (file) => (file === 'health' ? health : log).file.inode,
  reopen: () =>
    inTurn(async () => {
      health.file.reopen();
      log.file.reopen();
    }),
  close: () =>
    inTurn(async () => {
      health.file.reopen();
      log.file.reopen();
    }),
};
serve(port, calls);
