/** Makes relay/demo/clip.mpegts, the built-in clip of the demo: run by hand when the clip shall change. Needs ffmpeg. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

const packetBytes = 188;
/** 6 s at 376 kbit/s are exactly 1500 packets, 4 ms each: relay/demo/loop.ts counts on it. */
const packets = 1500;
const muxRate = 376_000;
const nullPid = 0x1fff;

const made = execFileSync('ffmpeg', [
  ...[
    '-loglevel',
    'error',
    '-f',
    'lavfi',
    '-i',
    'testsrc2=s=640x360:r=25',
    '-f',
    'lavfi',
    '-i',
    'sine=f=440:r=48000',
    '-t',
    '6',
  ],
  ...[
    '-c:v',
    'libx264',
    '-profile:v',
    'main',
    '-g',
    '25',
    '-bf',
    '2',
    '-b:v',
    '220k',
    '-maxrate',
    '220k',
    '-bufsize',
    '100k',
  ],
  ...[
    '-pix_fmt',
    'yuv420p',
    '-c:a',
    'aac',
    '-b:a',
    '64k',
    '-ac',
    '1',
    '-f',
    'mpegts',
    '-muxrate',
    String(muxRate),
    '-pcr_period',
    '20',
    '-',
  ],
]);

/** ffmpeg fills a tenth of a second more than the clip lasts; the loop stamps each PCR anew, so padding may go. */
let surplus = made.length / packetBytes - packets;
const kept = [];
for (let at = 0; at < made.length; at += packetBytes) {
  const packet = made.subarray(at, at + packetBytes);
  if (surplus > 0 && (packet.readUInt16BE(1) & 0x1fff) === nullPid) surplus--;
  else kept.push(packet);
}
if (kept.length !== packets)
  throw new Error(`The clip has ${kept.length} packets instead of ${packets}: change its bit rates.`);
writeFileSync(join(root, 'relay/demo/clip.mpegts'), Buffer.concat(kept));
