/** What a relay leaves for its successor: in which pipeline it ended, and how often each has brought it to a fall. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';
import { BLACK_BOX_BYTES, BlackBox } from './black-box.ts';
import { pipelines } from './contract/settings.ts';
import type { RelayHappening } from './happening.ts';
import { Quarantine } from './quarantine.ts';
import { mapFile } from './srt/socket.ts';

/** The pipeline in whose work the process before ended, and its falls within a minute. */
export interface Blamed extends Pick<RelayHappening, 'flowId' | 'pipeline'> {
  readonly falls: number;
}

export interface CrashNotes {
  readonly box: BlackBox;
  readonly quarantine: Quarantine;
  readonly last: Blamed | undefined;
}

const pipelineSchema = z.enum(pipelines);

/** `folder` is the relay's own. A folder that cannot be written costs the notes, never the relay. */
export function openCrashNotes(folder: string, log: Logger): CrashNotes {
  const path = join(folder, 'crashes.json');
  const quarantine = new Quarantine(
    { now: () => uptime() * 1000, save: (text) => keep(path, text, log) },
    readText(path),
  );
  const box = new BlackBox(mapOrNot(join(folder, 'black-box'), log));
  const culprit = box.begin();
  const pipeline = pipelineSchema.safeParse(culprit?.pipeline).data;
  if (!culprit || !pipeline) return { box, quarantine, last: undefined };
  const last = { flowId: culprit.flowId, pipeline, falls: quarantine.fell(culprit) };
  log.error(last, 'the process before this one ended in the work of this pipeline');
  return { box, quarantine, last };
}

function mapOrNot(path: string, log: Logger): Uint8Array {
  try {
    return mapFile(path, BLACK_BOX_BYTES);
  } catch (error) {
    log.warn({ reason: String(error) }, 'no black box: a crash of this process will name no pipeline');
    return new Uint8Array(BLACK_BOX_BYTES);
  }
}

/** Whole or not at all. */
function keep(path: string, text: string, log: Logger): void {
  try {
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch (error) {
    log.warn({ reason: String(error) }, 'crashes are not written down; they are counted until this process ends');
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Absent: no pipeline has fallen yet.
    return '';
  }
}
