/** Pushes paced, numbered messages to many ports: `sender.js <port,port,…> <bit/s each> <seconds>`. Says when it is done. */
import type { PacketBatch } from '../../relay/media.ts';
import { openSrt, type SrtSession } from '../../relay/srt/socket.ts';
import { LINK, MESSAGE_BYTES, NUMBER_AT, numbersFrom } from './shape.ts';

const [ports = [], [bitrate = 0] = [], [seconds = 0] = []] = process.argv.slice(2).map(numbersFrom);
const srt = openSrt();
const sessions = await Promise.all(ports.map(connect));
process.stdout.write('connected\n');

const total = Math.floor((bitrate * seconds) / 8 / MESSAGE_BYTES);
const startedAt = performance.now();
let sent = 0;
let refused = 0;
const timer = setInterval(() => {
  const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * (bitrate / 8 / MESSAGE_BYTES)));
  while (sent < due) sendNext(Math.min(due - sent, 50));
  if (sent < total) return;
  clearInterval(timer);
  setTimeout(() => void leave(), 1000);
}, 2);

function connect(port: number): Promise<SrtSession> {
  return new Promise((resolve, reject) => {
    srt.dial(
      { ...LINK, port },
      { connected: resolve, closed: (_, cause) => reject(new Error(`port ${port}: ${cause}`)) },
    );
  });
}

function sendNext(count: number): void {
  const data = new Uint8Array(count * MESSAGE_BYTES);
  const view = new DataView(data.buffer);
  for (let at = 0; at < data.length; at += 188) data[at] = 0x47;
  for (let i = 0; i < count; i++) view.setUint32(i * MESSAGE_BYTES + NUMBER_AT, sent + i);
  const batch: PacketBatch = { container: 'ts', data, lengths: new Uint16Array(count).fill(MESSAGE_BYTES), at: 0 };
  for (const session of sessions) refused += count - session.send(batch);
  sent += count;
}

async function leave(): Promise<void> {
  process.stdout.write(`${JSON.stringify({ sent, refused })}\n`);
  await srt.close();
  process.exit(0);
}
