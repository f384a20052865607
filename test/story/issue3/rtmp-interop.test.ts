import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FlvTag } from '../../../relay/formats/flv-tag.ts';
import { frameHashes, makeClip, packets, readFlv, run, Running, words, writeFlv } from '../../relay/rtmp/clip.ts';
import { portOf, until } from '../../relay/rtmp/kit.ts';
import { dial, key, openStage } from '../../relay/rtmp/peers.ts';

const folder = mkdtempSync(join(tmpdir(), 'rtmp-interop-'));
const clip = join(folder, 'clip.flv');
let clipTags: FlvTag[];
let clipHashes: string[];

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});
beforeAll(async () => {
  await makeClip(clip, 6);
  clipTags = await readFlv(clip);
  clipHashes = await frameHashes(clip);
}, 30_000);
afterAll(() => rmSync(folder, { recursive: true }));

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const pace = (speed: number) => new Promise((resolve) => setTimeout(resolve, 40 / speed));

describe('an encoder that pushes to us', () => {
  const gst = (sink: string) =>
    words(
      `-q filesrc location=${clip} ! flvdemux name=d flvmux name=m streamable=true ! ${sink} ` +
        'd.video ! queue ! h264parse ! m. d.audio ! queue ! aacparse ! m.',
    );
  const ffmpeg = (...output: string[]) => [...words(`-v error -i ${clip} -c copy -f flv`), ...output];

  it.each<[string, (url: string) => [string, string[]]]>([
    ['ffmpeg', (url) => ['ffmpeg', ffmpeg(`${url}/${key}`)]],
    ['ffmpeg, key with a query', (url) => ['ffmpeg', ffmpeg(`${url}/${key}?token=a/b`)]],
    ['ffmpeg, key apart', (url) => ['ffmpeg', ffmpeg('-rtmp_playpath', key, `${url}/`)]],
    ['ffmpeg across 0xFFFFFF ms', (url) => ['ffmpeg', ffmpeg('-output_ts_offset', '16774', `${url}/${key}`)]],
    ['GStreamer rtmp2sink', (url) => ['gst-launch-1.0', gst(`rtmp2sink sync=false location=${url}/${key}`)]],
    ['librtmp (GStreamer rtmpsink)', (url) => ['gst-launch-1.0', gst(`rtmpsink sync=false location=${url}/${key}`)]],
  ])(
    '%s loses no frame',
    async (_who, command) => {
      const stage = await openStage();
      open.push(stage.server);
      await run(...command(stage.url));
      await until(() => stage.closed.length === 1, 'the end of the stream');
      expect(stage.closed[0]).toMatch(/unpublished|peer-closed/);
      const file = join(folder, 'received.flv');
      await writeFlv(file, stage.tags);
      expect(await frameHashes(file)).toEqual(clipHashes);
      const audio = (tags: readonly FlvTag[]) =>
        tags.filter(({ kind, sequenceHeader }) => kind === 'audio' && !sequenceHeader);
      expect(Math.abs(audio(stage.tags).length - audio(clipTags).length)).toBeLessThanOrEqual(1);
    },
    30_000,
  );

  it('ffmpeg is told why it is refused', async () => {
    const stage = await openStage();
    open.push(stage.server);
    const failed = await run('ffmpeg', ffmpeg(`${stage.url}/wrong`)).catch(String);
    expect(failed).toContain('No such stream key.');
    expect(stage.refused.map(({ cause }) => cause)).toEqual(['stream-key-wrong']);
  });

  it('rtmpdump that wants to play is sent away', async () => {
    const stage = await openStage();
    open.push(stage.server);
    await run('rtmpdump', ['-q', '-m', '3', '-r', `${stage.url}/${key}`, '-o', '/dev/null']).catch(() => '');
    expect(stage.refused.map(({ cause }) => cause)).toEqual(['play-not-offered']);
  });
});

describe('a server that we push to', () => {
  /** Sends the clip at `speed` times its own pace, from `offsetMs` on. */
  async function pushClip(url: string, speed: number, offsetMs = 0) {
    const dialled = dial({ url });
    open.push(dialled.push);
    await dialled.publishing();
    let at = 0;
    for (const tag of clipTags) {
      for (; at + 40 <= tag.timestampMs; at += 40) await pace(speed);
      const timestampMs = (tag.timestampMs + offsetMs) >>> 0;
      expect(dialled.push.send({ ...tag, timestampMs })).toBe('sent');
    }
    await dialled.push.close();
    return dialled;
  }

  it.each([
    ['from 0', 0],
    ['across 0xFFFFFF', 0xffffff - 3_000],
  ])(
    'ffmpeg gets every frame, %s',
    async (_when, offsetMs) => {
      const port = await freePort();
      const file = join(folder, 'ffmpeg.flv');
      const url = `rtmp://127.0.0.1:${port}/live/${key}`;
      const listener = new Running('ffmpeg', [
        '-v',
        'error',
        '-y',
        '-listen',
        '1',
        '-i',
        url,
        '-c',
        'copy',
        '-copyts',
        file,
      ]);
      open.push(listener);
      await new Promise((resolve) => setTimeout(resolve, 700));
      const { ends, servers } = await pushClip(url, 8, offsetMs);
      expect([servers.length, ends.map(({ cause }) => cause)]).toEqual([1, ['closed']]);
      await listener.ended();
      expect(await frameHashes(file)).toEqual(clipHashes);
      const video = (await packets(file)).filter(({ kind }) => kind === 'video').map(({ dts }) => dts);
      expect(video[0]).toBeLessThanOrEqual(offsetMs + 40);
      expect(video.every((dts, i) => i === 0 || dts > (video[i - 1] ?? 0))).toBe(true);
    },
    30_000,
  );

  it('nginx-rtmp records every frame and sees the query of the key as its arguments', async () => {
    const port = await freePort();
    const { asked, hookPort } = await openHook('200 OK');
    const nginx = await startNginx(port, `on_publish http://127.0.0.1:${hookPort}/;`);
    open.push(nginx);
    const { ends } = await pushClip(`rtmp://127.0.0.1:${port}/live/${key}?auth=a`, 4);
    expect(ends.map(({ cause }) => cause)).toEqual(['closed']);
    expect(asked.join()).toMatch(/name=canary-7f3a.*auth=a/s);
    expect(asked.join()).not.toMatch(/tcurl=[^&]*canary/);
    const recorded = await recordedFile();
    expect(await frameHashes(recorded)).toEqual(clipHashes);
  }, 30_000);

  it('nginx-rtmp that says no at publish hangs up, and the push tells that stage', async () => {
    const port = await freePort();
    const { hookPort } = await openHook('403 Forbidden');
    open.push(await startNginx(port, `on_publish http://127.0.0.1:${hookPort}/;`));
    const { end } = dial({ url: `rtmp://127.0.0.1:${port}/live/${key}` });
    expect((await end()).cause).toBe('closed-before-publish');
  });

  /** An HTTP server that gives one answer to all and keeps what it was asked. */
  async function openHook(answer: string): Promise<{ asked: string[]; hookPort: number }> {
    const asked: string[] = [];
    const hook = createServer((socket) => {
      socket.on('data', (bytes: Buffer) => {
        asked.push(bytes.toString());
        socket.end(`HTTP/1.0 ${answer}\r\nContent-Length: 0\r\n\r\n`);
      });
    });
    open.push(hook);
    return { asked, hookPort: await portOf(hook) };
  }

  /** One worker in the foreground, everything it writes in the folder. */
  async function startNginx(port: number, directive: string): Promise<Running> {
    const config = join(folder, 'nginx.conf');
    const rtmp = `server { listen 127.0.0.1:${port}; chunk_size 4096; application live { live on; record all; record_path ${folder}; record_suffix .nginx.flv; ${directive} } }`;
    writeFileSync(
      config,
      `load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
       daemon off; master_process off; user root; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log info;
       events {} rtmp { ${rtmp} }`,
    );
    const nginx = new Running('nginx', ['-c', config, '-p', folder, '-e', join(folder, 'nginx.log')]);
    await new Promise((resolve) => setTimeout(resolve, 500));
    return nginx;
  }

  async function recordedFile(): Promise<string> {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.nginx.flv'));
    return join(folder, names[0] ?? 'none');
  }
});
