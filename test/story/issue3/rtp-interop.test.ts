import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openRtpSender, type RtpSenderOptions } from '../../../relay/rtp/sender.ts';
import { frameHashes, makeClip, run, Running, words } from '../../relay/rtmp/clip.ts';
import { batchOf, listen, mouth } from '../../relay/rtp/kit.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function ear(options: Parameters<typeof listen>[0] = {}) {
  const heard = await listen(options);
  open.push(heard.receiver);
  return heard;
}

async function senderTo(port: number, options: Partial<RtpSenderOptions> = {}) {
  const sender = await openRtpSender({ host: '127.0.0.1', port, ...options });
  open.push(sender);
  return sender;
}

describe('RTP with foreign peers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rtp-interop-'));
  const clip = join(folder, 'clip.ts');
  let hashes: string[];
  beforeAll(async () => {
    await makeClip(join(folder, 'clip.flv'), 2);
    await run('ffmpeg', ['-v', 'error', '-i', join(folder, 'clip.flv'), '-c', 'copy', '-f', 'mpegts', clip]);
    hashes = await frameHashes(clip);
  }, 30_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  /** All but the last frames: ffmpeg neither sends the end of a stream by RTP nor, ended by a signal, writes its own. */
  function expectFrames(got: readonly string[]): void {
    const count = hashes.length - 5;
    expect(got.length).toBeGreaterThan(count);
    expect(got.slice(0, count)).toEqual(hashes.slice(0, count));
  }

  it.each([
    ['RTP', false],
    ['bare TS', true],
  ])(
    'takes %s from ffmpeg without a frame lost',
    async (_what, bareTs) => {
      const { receiver, messages } = await ear({ bareTs });
      const url = `${bareTs ? 'udp' : 'rtp'}://127.0.0.1:${receiver.port}?pkt_size=${bareTs ? 1316 : 1328}`;
      await run('ffmpeg', [
        '-v',
        'error',
        '-re',
        '-i',
        clip,
        '-c',
        'copy',
        '-f',
        bareTs ? 'mpegts' : 'rtp_mpegts',
        url,
      ]);
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(receiver.figures()).toMatchObject({ lost: 0, strays: 0 });
      const file = join(folder, 'received.ts');
      await writeFile(file, Buffer.concat(messages));
      expectFrames(await frameHashes(file));
    },
    30_000,
  );

  it.each([
    ['RTP', false],
    ['bare TS', true],
  ])(
    'sends %s to ffmpeg without a frame lost',
    async (_what, bareTs) => {
      const free = await mouth();
      const { port } = free.address();
      await new Promise<void>((resolve) => free.close(() => resolve()));
      const file = join(folder, `sent-${bareTs}.ts`);
      const sdp = join(folder, 'in.sdp');
      await writeFile(
        sdp,
        `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video ${port} RTP/AVP 33\n`,
      );
      const input = bareTs
        ? ['-i', `udp://127.0.0.1:${port}?timeout=1500000`]
        : ['-protocol_whitelist', 'file,udp,rtp', '-listen_timeout', '2', '-i', sdp];
      const player = new Running('ffmpeg', [
        '-v',
        'error',
        '-y',
        ...words('-analyzeduration 500000'),
        ...input,
        '-map',
        '0',
        '-c',
        'copy',
        '-f',
        'mpegts',
        file,
      ]);
      open.push(player);
      await new Promise((resolve) => setTimeout(resolve, 700));
      const sender = await senderTo(port, { bareTs });
      await play(sender, await readFile(clip), 2_000);
      await new Promise((resolve) => setTimeout(resolve, 500));
      await player.close();
      expect(player.errors).toBe('');
      expect(sender.figures()).toMatchObject({ droppedPackets: 0, failedPackets: 0 });
      expectFrames(await frameHashes(file));
    },
    30_000,
  );

  it('takes RTP from GStreamer without a frame lost', async () => {
    const { receiver, messages } = await ear();
    const line = `-q filesrc location=${clip} ! tsparse set-timestamps=true ! rtpmp2tpay ! udpsink host=127.0.0.1 port=${receiver.port}`;
    await run('gst-launch-1.0', words(line));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(receiver.figures()).toMatchObject({ lost: 0, strays: 0, malformed: new Map() });
    const file = join(folder, 'gst.ts');
    await writeFile(file, Buffer.concat(messages));
    expect(await frameHashes(file)).toEqual(hashes);
  }, 30_000);

  it('sends RTP to GStreamer without a frame lost', async () => {
    const free = await mouth();
    const { port } = free.address();
    await new Promise<void>((resolve) => free.close(() => resolve()));
    const file = join(folder, 'to-gst.ts');
    const caps = 'application/x-rtp,media=video,clock-rate=90000,encoding-name=MP2T,payload=33';
    const line = `-q udpsrc port=${port} caps=${caps} ! rtpjitterbuffer ! rtpmp2tdepay ! filesink buffer-mode=2 location=${file}`;
    const player = new Running('gst-launch-1.0', words(line));
    open.push(player);
    await new Promise((resolve) => setTimeout(resolve, 700));
    await play(await senderTo(port), await readFile(clip), 2_000);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await player.close();
    expect(await readFile(file)).toEqual(await readFile(clip));
  }, 30_000);
});

/** The file in batches of 20 ms over `ms`, as a remuxer would hand them on. */
async function play(sender: Awaited<ReturnType<typeof openRtpSender>>, bytes: Uint8Array, ms: number): Promise<void> {
  const packets = bytes.length / 188;
  const from = performance.now();
  for (let sent = 0; sent < packets; ) {
    const until_ = Math.min(packets, Math.ceil((packets * (performance.now() - from + 20)) / ms));
    const part = bytes.subarray(sent * 188, until_ * 188);
    if (part.length > 0) sender.send(batchOf([part]));
    sent = until_;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
