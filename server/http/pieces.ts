/** Large answers, sent piece by piece: between two pieces the event loop turns, and a slow reader is waited for. */

export const PIECE_BYTES = 64 * 1024;

/** A view of `bytes` for each pull. They must not be changed until the stream has ended. */
export function inPieces(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        if (at < bytes.length) controller.enqueue(bytes.subarray(at, (at += PIECE_BYTES)));
        if (at >= bytes.length) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}
