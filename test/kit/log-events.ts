/** A line of the log, with what a test wants different; each has a seq of its own. */
import type { LogEvent } from '../../db/model.ts';

let seq = 0;

export const logEvent = (changes: Partial<LogEvent> = {}): LogEvent => ({
  relay: 'europe-1',
  boot: 'boot-1',
  seq: seq++,
  at: 1000,
  flowId: 'flow-1',
  pipeline: 'primary',
  endpointId: 'input',
  role: 'input',
  name: 'Camera 1',
  code: 'no-keyframe',
  count: 1,
  facts: {},
  ...changes,
});
