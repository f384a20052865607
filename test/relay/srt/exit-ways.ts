/** A process that ends in the way it is told, with data flowing: for exit.test.ts. */

import { openSrt } from '../../../relay/srt/socket.ts';

const way = process.argv[2];
const srt = openSrt();
const link = { latencyMs: 60, maxBitrate: 20_000_000 };
const batch = { container: 'ts', data: new Uint8Array(1316), lengths: Uint16Array.of(1316), at: 0 } as const;
let received = 0;

const listener = srt.listen(
  { host: '127.0.0.1', port: 0, allowlist: ['127.0.0.1'], giveWayMs: 1000, ...link },
  { accepted() {}, refused() {}, closed() {}, data: () => flowing(++received) },
);
const session = srt.dial({ host: '127.0.0.1', port: listener.port, ...link }, { connected() {}, closed() {} });
const sender = setInterval(() => session.send(batch), 5);

function flowing(batches: number): void {
  if (batches !== 20) return;
  if (way === 'exit') process.exit(7);
  if (way === 'throw') throw new Error('thrown in a data handler');
  if (way === 'close') {
    clearInterval(sender);
    void srt.close();
  }
}
