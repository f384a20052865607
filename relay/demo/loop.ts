/** A clip without end: its packets over and over on one clock that never steps back. ISO 13818-1 section 2.4.3. */

const PACKET_BYTES = 188;
/** The clip is CBR at 376 kbit/s: one packet each 4 ms, 108,000 ticks of 27 MHz. */
export const PACKET_MS = 4;
const PACKET_TICKS = 108_000n;
/** PTS and DTS count 90 kHz in 33 bits, PCR its 300ths. */
const WRAP = 1n << 33n;
const TICKS_PER_90K = 300n;
/** PCR stays behind the first DTS by this, the decoder's buffer: 0.6 s. */
const LEAD = 54_000n;

export class ClipLoop {
  readonly #clip: Uint8Array;
  readonly #packets: number;
  readonly #start: bigint;
  readonly #counters = new Map<number, number>();
  #sent = 0;

  /** `clip` is whole packets whose PES packets begin with a header in their first TS packet. */
  constructor(clip: Uint8Array) {
    this.#clip = clip;
    this.#packets = clip.length / PACKET_BYTES;
    this.#start = firstDts(clip) - LEAD;
  }

  /** Writes the next `count` packets to the start of `target`. */
  next(target: Uint8Array, count: number): void {
    for (let i = 0; i < count; i++) this.#writeNext(target.subarray(i * PACKET_BYTES, (i + 1) * PACKET_BYTES));
  }

  #writeNext(packet: Uint8Array): void {
    const index = this.#sent % this.#packets;
    const rounds = BigInt(Math.floor(this.#sent / this.#packets));
    packet.set(this.#clip.subarray(index * PACKET_BYTES, (index + 1) * PACKET_BYTES));
    this.#count(packet);
    if (hasPcr(packet)) writePcr(packet, this.#start * TICKS_PER_90K + BigInt(this.#sent) * PACKET_TICKS);
    shiftTimes(packet, (rounds * BigInt(this.#packets) * PACKET_TICKS) / TICKS_PER_90K);
    this.#sent++;
  }

  /** The continuity counter goes on from round to round; it counts packets with payload only. */
  #count(packet: Uint8Array): void {
    const pid = pidOf(packet);
    const flags = packet[3] ?? 0;
    const counter = ((this.#counters.get(pid) ?? 15) + ((flags & 0x10) === 0 ? 0 : 1)) & 15;
    this.#counters.set(pid, counter);
    packet[3] = (flags & 0xf0) | counter;
  }
}

const pidOf = (packet: Uint8Array): number => (((packet[1] ?? 0) & 0x1f) << 8) | (packet[2] ?? 0);

const hasPcr = (packet: Uint8Array): boolean =>
  ((packet[3] ?? 0) & 0x20) !== 0 && (packet[4] ?? 0) > 0 && ((packet[5] ?? 0) & 0x10) !== 0;

function writePcr(packet: Uint8Array, ticks: bigint): void {
  const base = (ticks / TICKS_PER_90K) % WRAP;
  const extension = Number(ticks % TICKS_PER_90K);
  for (let i = 0; i < 4; i++) packet[6 + i] = Number((base >> BigInt(25 - 8 * i)) & 0xffn);
  packet[10] = (Number(base & 1n) << 7) | 0x7e | (extension >> 8);
  packet[11] = extension & 0xff;
}

/** Where the PES header of a packet that begins one has its first time stamp, and how many there are. */
function timesOf(packet: Uint8Array): number[] {
  const flags = packet[3] ?? 0;
  const payload = 4 + ((flags & 0x20) === 0 ? 0 : 1 + (packet[4] ?? 0));
  const begins = ((packet[1] ?? 0) & 0x40) !== 0 && (flags & 0x10) !== 0 && payload + 19 <= PACKET_BYTES;
  const isPes = begins && packet[payload] === 0 && packet[payload + 1] === 0 && packet[payload + 2] === 1;
  if (!isPes) return [];
  const which = (packet[payload + 7] ?? 0) >> 6;
  return which === 3 ? [payload + 9, payload + 14] : which === 2 ? [payload + 9] : [];
}

function shiftTimes(packet: Uint8Array, shift: bigint): void {
  for (const at of timesOf(packet)) writeTime(packet, at, (readTime(packet, at) + shift) % WRAP);
}

function readTime(packet: Uint8Array, at: number): bigint {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = packet.subarray(at, at + 5);
  return (BigInt((a >> 1) & 7) << 30n) | BigInt((((b << 8) | c) >> 1) << 15) | BigInt(((d << 8) | e) >> 1);
}

/** Five bytes: the marker bits stay. ISO 13818-1 table 2-21. */
function writeTime(packet: Uint8Array, at: number, time: bigint): void {
  const middle = Number((time >> 15n) & 0x7fffn);
  const low = Number(time & 0x7fffn);
  packet[at] = ((packet[at] ?? 0) & 0xf0) | (Number(time >> 30n) << 1) | 1;
  packet[at + 1] = middle >> 7;
  packet[at + 2] = ((middle & 0x7f) << 1) | 1;
  packet[at + 3] = low >> 7;
  packet[at + 4] = ((low & 0x7f) << 1) | 1;
}

function firstDts(clip: Uint8Array): bigint {
  for (let at = 0; at < clip.length; at += PACKET_BYTES) {
    const packet = clip.subarray(at, at + PACKET_BYTES);
    const last = timesOf(packet).at(-1);
    if (last !== undefined) return readTime(packet, last);
  }
  throw new Error('The clip has no time stamp.');
}
