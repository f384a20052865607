/** An RTMP destination in the test's own process: what arrives is kept with the moment of its arrival. */
import type { FlvTag } from '../../relay/formats/flv-tag.ts';
import { openRtmpServer } from '../../relay/rtmp/server.ts';
import { freePorts } from './free-ports.ts';
import type { Receiver } from './receivers.ts';

const STREAM_KEY = 'platform-key';

export interface Arrival {
  readonly tag: FlvTag;
  /** Epoch ms. */
  readonly at: number;
}

export interface Platform extends Receiver {
  readonly arrivals: readonly Arrival[];
  /** How many pushes began and how many ended. */
  readonly pushes: () => { readonly begun: number; readonly ended: number };
  close(): Promise<void>;
}

export async function openPlatform(): Promise<Platform> {
  const [port = 0] = await freePorts(1);
  const arrivals: Arrival[] = [];
  let begun = 0;
  let ended = 0;
  const handlers = {
    opened: () => void begun++,
    tag: (tag: FlvTag) => void arrivals.push({ tag, at: Date.now() }),
    closed: () => void ended++,
  };
  const server = await openRtmpServer({
    host: '127.0.0.1',
    port,
    authorize: ({ app, key }) =>
      app === 'live' && key === STREAM_KEY
        ? { accept: true, slot: 'platform', handlers }
        : { accept: false, cause: 'stream-key-wrong' },
    refused: () => {},
  });
  return {
    destination: { url: `rtmp://127.0.0.1:${port}/live`, streamKey: STREAM_KEY },
    start: () => undefined,
    file: () => 'none',
    isRaw: false,
    arrivals,
    pushes: () => ({ begun, ended }),
    close: () => server.close(),
  };
}

/** Times of the frames of one kind in s, headers left out. */
export const tagTimes = (arrivals: readonly Arrival[], kind: 'video' | 'audio'): number[] =>
  arrivals.flatMap(({ tag }) => (tag.kind === kind && !tag.sequenceHeader ? [tag.timestampMs / 1000] : []));
