/** A process that writes health and the log until it is killed, and prints what was acknowledged. Arguments: folder, workers. */
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openHistory } from '../../db/history.ts';

const [, , folder = '', workers = '', start = '0'] = process.argv;
const history = openHistory({ folder, workers, onFault: (fault) => console.log(JSON.stringify(fault)) });

for (let second = 0; ; second++) {
  const at = Number(start) + second * 1000;
  const peer = { address: '203.0.113.7', port: 4000 };
  const channel = { flowId: 'flow-1', pipeline: 'primary', endpointId: 'input' } as const;
  const event = {
    relay: 'r',
    boot: 'b',
    seq: second,
    at,
    ...channel,
    role: 'input',
    name: 'n',
    code: 'c',
    peer,
  } as const;
  await Promise.all([
    history.write([{ channel, at, values: { dropped: second } }]),
    history.append([{ ...event, count: 1, facts: {} }]),
    // Sealing goes on beside it.
    second % 50 === 0 ? history.seal() : sleep(0),
  ]);
  writeSync(1, `${second}\n`);
}
