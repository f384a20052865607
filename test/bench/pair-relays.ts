/** The relays that carry a pair: ours, `ffmpeg -c copy`, and nginx-rtmp from RTMP to RTMP. Nothing that they take is kept. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SinkSpec, SourceSpec } from '../../relay/contract/messages.ts';
import type { Protocol } from '../../relay/contract/settings.ts';
import { HOST, SRT_LATENCY_MS, STREAM_KEY } from './pair-ends.ts';
import { type RunningRelay, startRelay } from './relays.ts';

export interface Pair {
  readonly from: Protocol;
  readonly to: Protocol;
  /** Where it is pushed to, and where it is to be sent on. */
  readonly fromPort: number;
  readonly toPort: number;
}

export type RelayName = 'streamlink' | 'ffmpeg -c copy' | 'nginx-rtmp';

const APP = 'live';
export const appOf = (): string => APP;

export const starters: Readonly<Record<RelayName, (pair: Pair) => Promise<RunningRelay>>> = {
  streamlink: (pair) =>
    startRelay([
      { pipeline: 'primary', maxBitrate: 60_000_000, sourceId: 'input', source: sourceOf(pair), sinks: [sinkOf(pair)] },
    ]),
  'ffmpeg -c copy': async (pair) => {
    const args = ['-hide_banner', '-loglevel', 'error', '-nostdin', ...ffmpegInput(pair), '-map', '0', '-c', 'copy'];
    return running(spawn('ffmpeg', [...args, '-flush_packets', '1', ...ffmpegOutput(pair)], { stdio: 'ignore' }));
  },
  'nginx-rtmp': async (pair) => {
    const folder = mkdtempSync(join(tmpdir(), 'streamlink-bench-'));
    const push = `push rtmp://${HOST}:${pair.toPort}/${APP}/${STREAM_KEY};`;
    writeFileSync(
      join(folder, 'nginx.conf'),
      `load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
       daemon off; master_process off; user root; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log;
       events {} rtmp { server { listen ${HOST}:${pair.fromPort}; chunk_size 4096; application ${APP} { live on; ${push} } } }`,
    );
    return running(spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder], { stdio: 'ignore' }));
  },
};

function sourceOf({ from, fromPort }: Pair): SourceSpec {
  const base = { host: HOST, port: fromPort, allowlist: [`${HOST}/32`] };
  if (from === 'srt') return { ...base, protocol: 'srt', latencyMs: SRT_LATENCY_MS };
  if (from === 'rtp') return { ...base, protocol: 'rtp', bareTs: false };
  return { ...base, protocol: 'rtmp', app: APP, key: STREAM_KEY };
}

function sinkOf({ to, toPort }: Pair): SinkSpec {
  if (to === 'srt') return { protocol: 'srt', id: 'out', host: HOST, port: toPort, latencyMs: SRT_LATENCY_MS };
  if (to === 'rtp') return { protocol: 'rtp', id: 'out', host: HOST, port: toPort, ttl: 1, bareTs: false };
  return { protocol: 'rtmp', id: 'out', url: `rtmp://${HOST}:${toPort}/${APP}`, key: STREAM_KEY };
}

const srtOptions = `latency=${SRT_LATENCY_MS * 1000}&pkt_size=1316`;

function ffmpegInput({ from, fromPort }: Pair): string[] {
  if (from === 'srt') return ['-i', `srt://${HOST}:${fromPort}?mode=listener&${srtOptions}`];
  if (from === 'rtmp') return ['-listen', '1', '-i', `rtmp://${HOST}:${fromPort}/${APP}/${STREAM_KEY}`];
  const sdp = join(mkdtempSync(join(tmpdir(), 'streamlink-bench-')), 'in.sdp');
  writeFileSync(sdp, `v=0\no=- 0 0 IN IP4 ${HOST}\ns=x\nc=IN IP4 ${HOST}\nt=0 0\nm=video ${fromPort} RTP/AVP 33\n`);
  return ['-protocol_whitelist', 'file,udp,rtp', '-i', sdp];
}

function ffmpegOutput({ to, toPort }: Pair): string[] {
  if (to === 'srt') return ['-f', 'mpegts', `srt://${HOST}:${toPort}?mode=caller&${srtOptions}`];
  if (to === 'rtmp') return ['-f', 'flv', `rtmp://${HOST}:${toPort}/${APP}/${STREAM_KEY}`];
  return ['-f', 'rtp_mpegts', `rtp://${HOST}:${toPort}?pkt_size=1328`];
}

function running(child: ChildProcess): RunningRelay {
  return {
    pids: [child.pid ?? 0],
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
