/** The registry: one line a protocol. */
import type { SinkSpec, SourceSpec } from './contract/messages.ts';
import type { Protocol } from './contract/settings.ts';
import type { Sink, SinkEvents, Source, SourceEvents } from './media.ts';
import { openSrtSink } from './srt/sink.ts';
import type { Srt } from './srt/socket.ts';
import { openSrtSource } from './srt/source.ts';

/** How one protocol opens its two ends. Both throw an EndpointFault; `maxBitrate` (bit/s) sizes their buffers. */
export interface Ends {
  listen(spec: SourceSpec, maxBitrate: number, events: SourceEvents): Source;
  dial(spec: SinkSpec, maxBitrate: number, events: SinkEvents): Sink;
}

export type Protocols = Readonly<Record<Protocol, Ends>>;

export const openProtocols = (srt: Srt): Protocols => ({
  srt: {
    listen: (spec, maxBitrate, events) => openSrtSource(srt, spec, maxBitrate, events),
    dial: (spec, maxBitrate, events) => openSrtSink(srt, spec, maxBitrate, events),
  },
});
