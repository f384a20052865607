/** Continuity of an MPEG transport stream, counted by the book: ISO 13818-1 section 2.4.3.3. */

const PACKET_BYTES = 188;
const SYNC = 0x47;
const NULL_PID = 0x1fff;

/** Packets and the places where a counter jumped; throws where the bytes are no TS packets. */
export function countContinuity(stream: Uint8Array): { packets: number; errors: number } {
  const last = new Map<number, number>();
  let errors = 0;
  for (let at = 0; at + PACKET_BYTES <= stream.length; at += PACKET_BYTES) {
    const [sync, high = 0, low = 0, flags = 0] = stream.subarray(at, at + 4);
    if (sync !== SYNC) throw new Error(`No sync byte at ${at}.`);
    const pid = ((high & 0x1f) << 8) | low;
    const counter = flags & 15;
    const before = last.get(pid);
    const hasPayload = (flags & 0x10) !== 0;
    if (pid !== NULL_PID && before !== undefined && counter !== ((before + (hasPayload ? 1 : 0)) & 15)) errors++;
    last.set(pid, counter);
  }
  return { packets: Math.floor(stream.length / PACKET_BYTES), errors };
}
