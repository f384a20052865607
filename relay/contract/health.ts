/** What a relay measures each second, as the server takes it in: figures by name, so that a new one breaks nobody. */
import { z } from 'zod';
import { pipelines } from './settings.ts';

const values = z.record(z.string(), z.number());

/** What a stream says of one of its tracks. */
export const trackAboutSchema = z.object({
  kind: z.enum(['video', 'audio', 'data']),
  /** As people read it: "H.264", "AAC". */
  codec: z.string().max(32),
  language: z.string().max(16).optional(),
  width: z.number().optional(),
  height: z.number().optional(),
  profile: z.string().max(64).optional(),
  sampleRate: z.number().optional(),
  channels: z.number().optional(),
});

/** One elementary stream. `id` is `pid 256` for TS, `video` or `audio` for RTMP. */
const trackSchema = trackAboutSchema.extend({ id: z.string().max(32), values });

/** One end of one pipeline over one second; see relay/gauge.ts for each figure's formula. */
const endpointHealthSchema = z.object({
  flowId: z.string().max(64),
  pipeline: z.enum(pipelines),
  id: z.string().max(64),
  values,
  tracks: z.array(trackSchema).max(64),
});

/** One second of one relay. `at` is epoch ms on the seconds grid, `seq` counts from 0 since the relay's `boot`. */
const secondSchema = z.object({ seq: z.int(), at: z.number(), endpoints: z.array(endpointHealthSchema) });

/** Relay → server, request: answered once it is kept, so that the relay may forget it. */
export const healthSchema = z.object({ boot: z.string().max(64), seconds: z.array(secondSchema).max(120) });

export type TrackAbout = z.infer<typeof trackAboutSchema>;
export type TrackHealth = z.infer<typeof trackSchema>;
export type EndpointHealth = z.infer<typeof endpointHealthSchema>;
export type HealthSecond = z.infer<typeof secondSchema>;
export type Health = z.infer<typeof healthSchema>;
