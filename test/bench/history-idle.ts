/** A process beside the bench that does nothing: what holds up its event loop is the machine. Answers each message. */
import { watchLoop } from './history-loop.ts';

const watch = watchLoop();
process.on('message', () => process.send?.(watch.take()));
process.on('disconnect', () => process.exit());
