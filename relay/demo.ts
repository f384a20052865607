/** The demo's two ends in one process: pushes the built-in clip to a flow's inputs, and takes it in where it comes out. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ClipLoop, PACKET_MS } from './demo/loop.ts';
import type { PacketBatch } from './media.ts';
import { packageFile } from './package-folder.ts';
import { openSrt, type SrtSession } from './srt/socket.ts';

const LOOPBACK = '127.0.0.1';
const LINK = { host: LOOPBACK, latencyMs: 120, maxBitrate: 1_000_000 };
const REDIAL_MS = 500;
/** Seven packets fill a datagram: one each 28 ms. */
const PACKETS = 7;
const BYTES = PACKETS * 188;

const { push, receive } = z
  .object({ push: z.array(z.int()), receive: z.array(z.int()) })
  .parse(JSON.parse(process.argv[2] ?? ''));

const srt = openSrt();
const clip = new ClipLoop(readFileSync(packageFile('relay/demo/clip.mpegts')));
const sessions = new Set<SrtSession>();

for (const port of receive)
  srt.listen(
    { ...LINK, port, allowlist: [`${LOOPBACK}/32`], giveWayMs: 1000 },
    { accepted: () => {}, data: () => {}, closed: () => {}, refused: () => {} },
  );
for (const port of push) dial(port);
const startedAt = performance.now();
let messages = 0;
const sending = setInterval(send, 10);

// The server holds the other end of standard input: when it goes, so do we.
process.stdin.resume().once('end', () => void leave());
process.once('SIGTERM', () => void leave());

function dial(port: number): void {
  srt.dial(
    { ...LINK, port },
    {
      connected: (session) => sessions.add(session),
      closed: (session) => {
        sessions.delete(session);
        setTimeout(() => dial(port), REDIAL_MS);
      },
    },
  );
}

/** Sends what has become due since the last time. */
function send(): void {
  const due = Math.floor((performance.now() - startedAt) / (PACKETS * PACKET_MS)) - messages;
  if (due <= 0) return;
  const data = new Uint8Array(due * BYTES);
  clip.next(data, due * PACKETS);
  messages += due;
  const batch: PacketBatch = {
    container: 'ts',
    data,
    lengths: new Uint16Array(due).fill(BYTES),
    at: performance.now() * 1000,
  };
  for (const session of sessions) session.send(batch);
}

async function leave(): Promise<void> {
  clearInterval(sending);
  await srt.close();
  process.exit(0);
}
