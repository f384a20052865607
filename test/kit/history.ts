/** A history in a folder of its own, with its workers built from the sources. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { onTestFinished } from 'vitest';
import { type History, type HistoryOptions, openHistory } from '../../db/history.ts';
import type { HealthChannel, HistoryFault, LogEvent } from '../../db/history-model.ts';
import { logEvent as line } from './log-events.ts';
import { temporaryFolder } from './temporary.ts';

const root = join(import.meta.dirname, '../..');
let built: Promise<string> | undefined;

/**
 * The folder of workers bundled as for production, once a test file: a loader in the worker would be another program than
 * the one that ships, and slower to start. It lies in dist/, since libSQL is found from there.
 */
export function builtWorkers(): Promise<string> {
  built ??= bundle(['db/history-writer.ts', 'db/history-reader.ts']);
  return built;
}

/** The files get their names at once, because test files run beside each other. Returns the folder of the first. */
export async function bundle(entryPoints: string[]): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints,
    write: false,
    outdir: 'dist/test/built',
    outbase: '.',
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
  });
  for (const { path, contents } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.${process.pid}`, contents);
    renameSync(`${path}.${process.pid}`, path);
  }
  return dirname(join(root, 'dist/test/built', entryPoints[0] ?? ''));
}

export interface TestHistory {
  readonly history: History;
  readonly folder: string;
  readonly faults: HistoryFault[];
}

/** Call it within a test. */
export async function temporaryHistory(options: Partial<HistoryOptions> = {}): Promise<TestHistory> {
  const faults: HistoryFault[] = [];
  const folder = options.folder ?? temporaryFolder();
  const workers = await builtWorkers();
  const history = openHistory({ workers, onFault: (fault) => faults.push(fault), ...options, folder });
  onTestFinished(() => history.close());
  return { history, folder, faults };
}

export const healthChannel = (some: Partial<HealthChannel> = {}): HealthChannel => ({
  flowId: 'flow-1',
  pipeline: 'primary',
  endpointId: 'input',
  ...some,
});

export const logEvent = (some: Partial<LogEvent> = {}): LogEvent =>
  line({ relay: 'relay-1', seq: 1, at: 0, name: 'Camera', code: 'connected', ...some });
