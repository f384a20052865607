/** The names of the log's types; its sentences are in words-events.ts. */
import type { LogType } from '../../db/history-model.ts';
import { t } from './language.ts';

/** In the order of the guide, and `flow` for what was done to the whole of it. */
export const typeLabels: Readonly<Record<LogType, string>> = {
  'input-primary': 'Input primary',
  'input-backup': 'Input backup',
  'output-primary': 'Output primary',
  'output-backup': 'Output backup',
  flow: 'Flow',
};

export const typeLabel = (type: LogType): string => t(typeLabels[type]);
