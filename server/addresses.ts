/** Where encoders push to, as operators see it. */
import type { Flow } from '../db/model.ts';
import type { Pipeline } from '../relay/contract/settings.ts';
import { relayOf, rtmpApp } from './placement.ts';

/** What of this installation stands in addresses. */
export interface PublicPlaces {
  readonly publicHost: string;
  /** A relay's one RTMP port. */
  readonly rtmpPort: (relayId: string) => number;
}

/** `srt://host:port`, `rtp://host:port`, `udp://host:port` for bare TS, `rtmp://host:port/app`. */
export function pushAddress({ id, regionId, input }: Flow, pipeline: Pipeline, places: PublicPlaces): string {
  const host = places.publicHost.includes(':') ? `[${places.publicHost}]` : places.publicHost;
  switch (input.protocol) {
    case 'srt':
      return `srt://${host}:${input.ports[pipeline]}`;
    case 'rtmp':
      return `rtmp://${host}:${places.rtmpPort(relayOf(regionId, pipeline))}/${rtmpApp(id)}`;
    case 'rtp':
      return `${input.bareTs ? 'udp' : 'rtp'}://${host}:${input.ports[pipeline]}`;
  }
}
