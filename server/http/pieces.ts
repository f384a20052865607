/** Large answers, sent piece by piece: a socket that takes all it is given would else be given all in one go. */

export const PIECE_BYTES = 256 * 1024;

/** A view of `bytes` for each pull, and no two in one turn of the event loop. They must not be changed until it has ended. */
export function inPieces(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        if (at > 0) await nextTurn();
        if (at < bytes.length) controller.enqueue(bytes.subarray(at, (at += PIECE_BYTES)));
        if (at >= bytes.length) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
