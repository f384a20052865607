/**
 * Records what real encoders and servers send: the seeds of the fuzz tests. Run by hand, `npx tsx` this file, when a
 * new peer is to be added. Each file is one direction of one TCP connection, from its first byte to its last.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readFlv, run, Running, words } from '../clip.ts';
import { portOf } from '../kit.ts';
import { dial, key, openStage } from '../peers.ts';

const folder = mkdtempSync(join(tmpdir(), 'rtmp-record-'));
const clip = join(folder, 'clip.flv');

/** A port that passes all on to `port` and keeps both directions. */
async function tap(port: number) {
  const up: Buffer[] = [];
  const down: Buffer[] = [];
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    near.on('data', (bytes: Buffer) => up.push(bytes)).on('error', () => far.destroy());
    far.on('data', (bytes: Buffer) => down.push(bytes)).on('error', () => near.destroy());
    near.pipe(far).pipe(near);
  });
  return { port: await portOf(server), up, down, close: () => server.close() };
}

const save = (name: string, parts: readonly Buffer[]) =>
  writeFileSync(join(import.meta.dirname, `${name}.bin`), Buffer.concat(parts));

async function recordEncoder(name: string, command: string, args: (url: string) => string[]): Promise<void> {
  const stage = await openStage();
  const line = await tap(stage.server.port);
  await run(command, args(`rtmp://127.0.0.1:${line.port}/live/${key}`));
  await wait(300);
  save(name, line.up);
  line.close();
  await stage.server.close();
}

async function recordServer(name: string, command: string, args: (port: number) => string[]): Promise<void> {
  const port = 21_900;
  const server = new Running(command, args(port));
  await wait(700);
  const line = await tap(port);
  const { push, publishing } = dial({ url: `rtmp://127.0.0.1:${line.port}/live/${key}` });
  await publishing();
  for (const tag of await readFlv(clip)) push.send(tag);
  await push.close();
  save(name, line.down);
  line.close();
  await server.close();
}

const gst = (sink: string, location: string) => [
  ...words(`-q filesrc location=${clip} ! flvdemux name=d flvmux name=m streamable=true !`),
  ...words(`${sink} sync=false ${location} d.video ! queue ! h264parse ! m.`),
  ...words('d.audio ! queue ! aacparse ! m.'),
];
const nginx = (port: number) => {
  const config = join(folder, 'nginx.conf');
  writeFileSync(
    config,
    `load_module /usr/lib/nginx/modules/ngx_rtmp_module.so; daemon off; master_process off; user root;
     pid ${folder}/pid; events {} rtmp { server { listen 127.0.0.1:${port}; application live { live on; } } }`,
  );
  return ['-c', config, '-p', folder, '-e', join(folder, 'log')];
};

await run('ffmpeg', [
  ...words('-v error -y -f lavfi -i testsrc=size=128x72:rate=25 -f lavfi -i sine -t 0.6'),
  ...words(`-c:v libx264 -bf 2 -g 10 -b:v 60k -pix_fmt yuv420p -c:a aac -b:a 32k ${clip}`),
]);
await recordEncoder('ffmpeg', 'ffmpeg', (url) => ['-v', 'error', '-i', clip, '-c', 'copy', '-f', 'flv', url]);
await recordEncoder('gstreamer', 'gst-launch-1.0', (url) => gst('rtmp2sink', `location=${url}`));
await recordEncoder('librtmp', 'gst-launch-1.0', (url) => gst('rtmpsink', `location=${url}`));
await recordServer('server-nginx', 'nginx', nginx);
await recordServer('server-ffmpeg', 'ffmpeg', (port) => [
  ...words(`-v error -listen 1 -i rtmp://127.0.0.1:${port}/live/${key} -c copy -f null -`),
]);
rmSync(folder, { recursive: true });
