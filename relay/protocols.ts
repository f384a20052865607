/** The registry: one line a protocol in each table. */
import type { SinkSpec, SourceSpec } from './contract/messages.ts';
import type { Protocol } from './contract/settings.ts';
import type { Container, Peer, Sink, SinkEvents, Source, SourceEvents } from './media.ts';
import type { RtmpIngest } from './rtmp/ingest.ts';
import { openRtmpSink, peerOf } from './rtmp/sink.ts';
import { openRtmpSource } from './rtmp/source.ts';
import { openRtpSink } from './rtp/sink.ts';
import { openRtpSource } from './rtp/source.ts';
import { openSrtSink } from './srt/sink.ts';
import type { Srt } from './srt/socket.ts';
import { openSrtSource } from './srt/source.ts';

export const containerOf: Readonly<Record<Protocol, Container>> = { srt: 'ts', rtmp: 'flv', rtp: 'ts' };

/** Whom a sink calls: its destination as it was set, a name where that is a name. */
export const targetOf = (spec: SinkSpec): Peer =>
  spec.protocol === 'rtmp' ? peerOf(spec.url) : { address: spec.host, port: spec.port };

/** How ends are opened. Both throw an EndpointFault; `maxBitrate` (bit/s) sizes their buffers. */
export interface Protocols {
  listen(spec: SourceSpec, maxBitrate: number, events: SourceEvents): Source;
  dial(spec: SinkSpec, maxBitrate: number, events: SinkEvents): Sink;
}

export const openProtocols = (srt: Srt, ingest: RtmpIngest): Protocols => ({
  listen: (spec, maxBitrate, events) => {
    switch (spec.protocol) {
      case 'srt':
        return openSrtSource(srt, spec, maxBitrate, events);
      case 'rtmp':
        return openRtmpSource(ingest, spec, events);
      case 'rtp':
        return openRtpSource(spec, events);
    }
  },
  dial: (spec, maxBitrate, events) => {
    switch (spec.protocol) {
      case 'srt':
        return openSrtSink(srt, spec, maxBitrate, events);
      case 'rtmp':
        return openRtmpSink(spec, events);
      case 'rtp':
        return openRtpSink(spec, events);
    }
  },
});
