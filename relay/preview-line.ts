/** A socket of its own for each viewer, beside the link to the server: pictures must not hold up reports. */
import { readFile } from 'node:fs/promises';
import { WebSocket } from 'ws';
import type { PreviewWish } from './contract/messages.ts';
import type { Viewer } from './preview.ts';

/** A relay shows so many previews at once; each costs its host the bit rate of the input. */
const MOST_PREVIEWS = 8;

export interface PreviewLineOptions {
  /** The file in which the server writes its relay door's URL. */
  readonly urlFile: string;
  readonly token: string;
  /** Begins to feed the viewer; returns the way to stop. Throws where there is no such pipeline. */
  readonly watch: (wish: PreviewWish, viewer: Viewer) => () => void;
}

/** Resolves when the server has taken the socket and the feed begins. Rejects where the server or the pipeline is not there. */
export function createPreviewLines(options: PreviewLineOptions): (wish: PreviewWish) => Promise<void> {
  let open = 0;
  return async (wish) => {
    if (open >= MOST_PREVIEWS) throw new Error(`${MOST_PREVIEWS} previews of this relay are open already.`);
    open++;
    try {
      await dial(options, wish, () => open--);
    } catch (error) {
      open--;
      throw error;
    }
  };
}

async function dial({ urlFile, token, watch }: PreviewLineOptions, wish: PreviewWish, over: () => void): Promise<void> {
  const door = (await readFile(urlFile, 'utf8')).trim();
  const socket = new WebSocket(`${door}/preview/${wish.ticket}`, {
    headers: { authorization: `Bearer ${token}` },
    handshakeTimeout: 3000,
    perMessageDeflate: false,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.on('error', reject);
  });
  try {
    const stop = watch(wish, viewerOf(socket));
    socket.once('close', () => {
      stop();
      over();
    });
  } catch (error) {
    socket.terminate();
    throw error;
  }
}

const viewerOf = (socket: WebSocket): Viewer => ({
  send: (bytes) => socket.send(Buffer.from(bytes)),
  waiting: () => socket.bufferedAmount,
  close: () => socket.close(1000),
});
