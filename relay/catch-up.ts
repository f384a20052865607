/** Reads what a held loop left in its sockets before anything is measured. */

/** One turn of the loop reads 32 datagrams of each socket (libuv, `uv__udp_recvmsg`): enough for 38 Mbit/s. */
const MS_A_TURN = 10;
const MOST_TURNS = 100;

/**
 * Calls `then` after the turns of the loop that read what came meanwhile. A timer that is `lateMs` late is called before
 * the sockets are read: the second that it measures would lack that media, and the next one would have it twice as dense.
 * Bounded: about a second's worth. Returns what calls it off.
 */
export function afterReading(lateMs: number, then: () => void): () => void {
  let left = Math.min(MOST_TURNS, 1 + Math.floor(Math.max(0, lateMs) / MS_A_TURN));
  let turn = setImmediate(next);
  function next(): void {
    if (--left <= 0) return then();
    turn = setImmediate(next);
  }
  return () => clearImmediate(turn);
}
