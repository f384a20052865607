/** The words of the log: a sentence for an event, a name for its type, and whether something was lost. */
import type { LogEvent, LogType } from '../../db/history-model.ts';

/** In the order of the guide, and `flow` for what was done to the whole of it. */
export const typeLabels: Readonly<Record<LogType, string>> = {
  'input-primary': 'Input primary',
  'input-backup': 'Input backup',
  'output-primary': 'Output primary',
  'output-backup': 'Output backup',
  flow: 'Flow',
};

export const typeLabel = (type: LogType): string => typeLabels[type];

/** The code in plain words, and its facts. */
export function logSentence({ code, facts }: LogEvent): string {
  const what = `${code.slice(0, 1).toUpperCase()}${code.slice(1).replaceAll('-', ' ')}`;
  const told = Object.entries(facts).map(([name, value]) => `${name} ${String(value)}`);
  return told.length === 0 ? `${what}.` : `${what}: ${told.join(', ')}.`;
}

const graveCodes = /^(over-bandwidth|capped|dropped|no-keyframe|bad-media|failover|refused|disconnected)/;

/** Something was lost with it, or is in danger. */
export const isGrave = ({ code }: LogEvent): boolean => graveCodes.test(code);
