/**
 * What the formats cost: CPU of one 1080p30 stream at 20.5 Mbit/s, as % of a core, and ns per TS packet.
 * Run: npx tsx scripts/bench-formats.ts
 */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlvSplicer } from '../relay/formats/flv-splice.ts';
import type { FlvTag } from '../relay/formats/flv-tag.ts';
import { FlvToTs } from '../relay/formats/flv-to-ts.ts';
import { TsProbe } from '../relay/formats/probe.ts';
import { packetBytes } from '../relay/formats/ts-packet.ts';
import { TsSplicer } from '../relay/formats/ts-splice.ts';
import { TsToFlv } from '../relay/formats/ts-to-flv.ts';

const seconds = 10;
const rounds = 8;
const messageBytes = 7 * packetBytes;

const encode = [
  '-f lavfi -i testsrc2=size=1920x1080:rate=30 -f lavfi -i sine=frequency=440:sample_rate=48000',
  `-t ${seconds} -c:v libx264 -preset ultrafast -bf 2 -g 60 -x264-params nal-hrd=cbr:bframes=2`,
  '-b:v 19M -minrate 19M -maxrate 19M -bufsize 4M -c:a aac -b:a 128k -muxrate 20.5M -f mpegts',
].join(' ');

/** The clip, made once. */
const readClip = (): Uint8Array => {
  const path = join(tmpdir(), 'streamlink-bench.ts');
  if (!existsSync(path)) execFileSync('ffmpeg', ['-loglevel', 'error', ...encode.split(' '), '-y', path]);
  return new Uint8Array(readFileSync(path));
};

/** Runs `work` some times warm; gives the least CPU in ms, user and system. */
const leastCpuMs = (work: () => void): number => {
  const costs = Array.from({ length: rounds }, () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...costs);
};

const clip = readClip();
const packets = clip.length / packetBytes;

const feed = (push: (piece: Uint8Array) => void): void => {
  for (let at = 0; at < clip.length; at += messageBytes) push(clip.subarray(at, at + messageBytes));
};

const report = (name: string, work: () => void): void => {
  const ms = leastCpuMs(work);
  const percent = (ms / (seconds * 1000)) * 100;
  console.log(
    `${name.padEnd(28)} ${percent.toFixed(3)} % of a core, ${((ms * 1e6) / packets).toFixed(1)} ns per TS packet`,
  );
};

const tags: FlvTag[] = [];
const collect = new TsToFlv({ onTag: (tag) => tags.push(tag) });
feed((piece) => collect.push(piece, 0));
collect.end();

report('the loop alone', () => feed(() => {}));
report('probe', () => {
  const probe = new TsProbe();
  feed((piece) => probe.push(piece));
});
report('TS to FLV', () => {
  const remuxer = new TsToFlv({ onTag: () => {} });
  feed((piece) => remuxer.push(piece, 0));
  remuxer.end();
});
report('FLV to TS', () => {
  const remuxer = new FlvToTs({ onPackets: () => {} });
  for (const tag of tags) remuxer.push(tag);
});
report('splice TS', () => {
  const splicer = new TsSplicer('a', { onPackets: () => {} });
  feed((piece) => splicer.push('a', piece, 0));
});
report('splice FLV', () => {
  const splicer = new FlvSplicer('a', { onTag: () => {} });
  for (const tag of tags) splicer.push('a', tag);
});
