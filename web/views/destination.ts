/** A destination as an operator reads it. The stream key of an RTMP one is shown to nobody. */
import type { Output } from '../../db/model.ts';
import type { Pipeline } from '../../relay/contract/settings.ts';
import { hostPort } from './units.ts';

/** `host:port` for SRT, `rtp://` or `udp://host:port`, the URL without its key for RTMP; undefined where none is set. */
export function destinationText(output: Output, pipeline: Pipeline): string | undefined {
  if (output.protocol === 'rtmp') return output.destinations[pipeline]?.url;
  const destination = output.destinations[pipeline];
  if (!destination) return undefined;
  const place = hostPort(destination.host, destination.port);
  if (output.protocol === 'srt') return place;
  return `${output.bareTs ? 'udp' : 'rtp'}://${place}`;
}
