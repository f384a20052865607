/** A server that lets one key in and remembers everything, and a push to it: the two ends of the socket tests. */

import { dialRtmp, type DialOptions, type RtmpPush } from '../../../relay/rtmp/client.ts';
import type { DialEnd } from '../../../relay/rtmp/dial-fault.ts';
import type { RtmpLimits } from '../../../relay/rtmp/limits.ts';
import type { RefusalCause } from '../../../relay/rtmp/refusal.ts';
import type { ConnectionEnd, RefusedCaller, RtmpPublisher } from '../../../relay/rtmp/server-connection.ts';
import { openRtmpServer, type RtmpServer } from '../../../relay/rtmp/server.ts';
import type { FlvTag } from '../../../relay/formats/flv-tag.ts';
import { until } from './kit.ts';

export const key = 'canary-7f3a';

export interface Stage {
  readonly server: RtmpServer;
  readonly url: string;
  readonly opened: RtmpPublisher[];
  readonly tags: FlvTag[];
  readonly closed: ConnectionEnd[];
  readonly refused: RefusedCaller[];
}

export interface StageOptions {
  readonly limits?: Partial<RtmpLimits>;
  readonly now?: () => number;
  readonly admits?: (address: string) => boolean;
  readonly connecting?: () => RefusalCause | undefined;
  /** Overrides the answer for the right key. */
  readonly verdict?: RefusalCause;
  readonly onTag?: (tag: FlvTag) => void;
}

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const { verdict, onTag, ...server } = options;
  const stage = { opened: [], tags: [], closed: [], refused: [] } as Omit<Stage, 'server' | 'url'>;
  const handlers = {
    opened: (publisher: RtmpPublisher) => stage.opened.push(publisher),
    tag: (tag: FlvTag) => {
      stage.tags.push(tag);
      onTag?.(tag);
    },
    closed: (cause: ConnectionEnd) => stage.closed.push(cause),
  };
  const opened = await openRtmpServer({
    host: '127.0.0.1',
    port: 0,
    ...server,
    authorize: (request) => {
      if (request.app !== 'live' || request.key !== key) return { accept: false, cause: 'stream-key-wrong' };
      return verdict === undefined ? { accept: true, slot: 'flow', handlers } : { accept: false, cause: verdict };
    },
    refused: (caller) => stage.refused.push(caller),
  });
  return { ...stage, server: opened, url: `rtmp://127.0.0.1:${opened.port}/live` };
}

export interface Dialled {
  readonly push: RtmpPush;
  readonly ends: DialEnd[];
  /** Codecs the server named, once publishing. */
  readonly servers: { readonly fourCcs: readonly string[] }[];
  readonly publishing: () => Promise<void>;
  readonly end: () => Promise<DialEnd>;
}

export function dial(options: DialOptions): Dialled {
  const ends: DialEnd[] = [];
  const servers: { readonly fourCcs: readonly string[] }[] = [];
  const push = dialRtmp(options, { publishing: (server) => servers.push(server), closed: (end) => ends.push(end) });
  return {
    push,
    ends,
    servers,
    publishing: () => until(() => servers.length > 0 || ends.length > 0, 'publishing'),
    end: async () => {
      await until(() => ends.length > 0, 'the end of the push', 15_000);
      return ends[0] ?? { cause: 'internal-error', words: '' };
    },
  };
}
