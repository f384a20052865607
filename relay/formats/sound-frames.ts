/**
 * Frames of sound in the payload of PES packets, which hold one, many, or a part: found by hopping from header to header.
 * Sources: ISO 14496-3 1.A.2.2 (ADTS), 1.7.2 (LOAS); ISO 11172-3 2.4.2.3 and 13818-3 2.4.2.3 (MPEG audio); ETSI TS 102 366
 * 4.4.1 and table 4.13 (AC-3), E.1.3.1 (E-AC-3).
 */
import { type AacFormat, readAdts } from './aac.ts';
import { u16, u8 } from './bytes.ts';
import { readSound } from './sound.ts';

/** What a header says. `continues`: more channels of the frame before, so no frame of its own. */
interface SoundFrame {
  readonly frameBytes: number;
  readonly format: { readonly sampleRate: number; readonly channels: number; readonly profile?: string } | undefined;
  readonly continues?: boolean;
}

interface Syntax {
  readonly headerBytes: number;
  /** Undefined where these bytes are no header. */
  readonly read: (header: Uint8Array) => SoundFrame | undefined;
}

const aacProfiles = ['Main', 'LC', 'SSR', 'LTP'] as const;

/** The core's: HE-AAC that keeps its SBR implicit reads as LC at half its rate. */
export const soundFormat = ({ objectType, sampleRate, channels }: AacFormat) => ({
  sampleRate,
  channels,
  profile: aacProfiles[objectType - 1] ?? `type ${objectType}`,
});

const readAac = (header: Uint8Array): SoundFrame | undefined => {
  const frame = readAdts(header, 0);
  return frame && { frameBytes: frame.frameBytes, format: soundFormat(frame.format) };
};

const loasHeaderBytes = 3;

/** The format lies deep in a configuration that not each frame has: it is not read. */
const readLoas = (header: Uint8Array): SoundFrame | undefined => {
  const isLoas = u16(header, 0) >> 5 === 0x2b7;
  const frameBytes = loasHeaderBytes + (u16(header, 1) & 0x1fff);
  return isLoas ? { frameBytes, format: undefined } : undefined;
};

// biome-ignore format: one line a layer; kbit/s by bitrate_index
const mpegBitrates = {
  mpeg1: {
    1: [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    2: [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    3: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  },
  mpeg2: {
    1: [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    3: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  },
} as const;
/** Samples of a frame for each bit of a byte, by layer: 384 and 1152 samples, in layer III of MPEG-2 576. */
const bytesPerRate = { 1: 12, 2: 144, 3: 144 } as const;

const readMpeg = (header: Uint8Array): SoundFrame | undefined => {
  const format = readSound('mp2', header, 0);
  const layer = layerOf((u8(header, 1) >> 1) & 3);
  if (format === undefined || layer === undefined) return undefined;
  const version = ((u8(header, 1) >> 3) & 3) === 3 ? 'mpeg1' : 'mpeg2';
  const kbps = mpegBitrates[version][layer][u8(header, 2) >> 4] ?? 0;
  if (kbps === 0) return undefined;
  const padding = (u8(header, 2) >> 1) & 1;
  const units = bytesPerRate[layer] / (layer === 3 && version === 'mpeg2' ? 2 : 1);
  const slots = Math.floor((units * kbps * 1000) / format.sampleRate) + padding;
  return { frameBytes: layer === 1 ? slots * 4 : slots, format };
};

/** Two bits of the header: 3 is layer I, 0 is none. */
const layerOf = (bits: number): 1 | 2 | 3 | undefined => ([undefined, 3, 2, 1] as const)[bits];

/** kbit/s by the upper five bits of frmsizecod. */
const ac3Bitrates = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640] as const;
/** bsid above this is E-AC-3. */
const lastAc3 = 10;

const readAc3 = (header: Uint8Array): SoundFrame | undefined => {
  const format = readSound('ac3', header, 0);
  if (u8(header, 5) >> 3 > lastAc3) return format && enhanced(header, format);
  const code = u8(header, 4) & 0x3f;
  const kbps = ac3Bitrates[code >> 1];
  if (format === undefined || kbps === undefined) return undefined;
  // 1536 samples a frame, in words of 16 bits; 44.1 kHz does not divide them, and the last bit of the code pads.
  const words = Math.floor((kbps * 1000 * 96) / format.sampleRate) + (format.sampleRate === 44_100 ? code & 1 : 0);
  return { frameBytes: words * 2, format };
};

/** strmtyp 2, substreamid 3, frmsiz 11. Dependent substreams add channels to the frame, others are other programmes. */
const enhanced = (header: Uint8Array, format: SoundFrame['format']): SoundFrame => {
  const [type, substream] = [u8(header, 2) >> 6, (u8(header, 2) >> 3) & 7];
  return { frameBytes: ((u16(header, 2) & 0x7ff) + 1) * 2, format, continues: type === 1 || substream > 0 };
};

const mpeg: Syntax = { headerBytes: 4, read: readMpeg };
const ac3: Syntax = { headerBytes: 8, read: readAc3 };
const syntaxes: Readonly<Record<string, Syntax>> = {
  aac: { headerBytes: 7, read: readAac },
  latm: { headerBytes: loasHeaderBytes, read: readLoas },
  mp2: mpeg,
  mp3: mpeg,
  ac3,
  eac3: ac3,
};

/** Counts the frames of one track. Keeps nothing but a header. */
export class SoundFrames {
  /** By the newest header; undefined before the first, and of codecs whose headers do not say. */
  format: SoundFrame['format'];
  readonly #syntax: Syntax;
  readonly #header: Uint8Array;
  #have = 0;
  #skip = 0;

  constructor(syntax: Syntax) {
    this.#syntax = syntax;
    this.#header = new Uint8Array(syntax.headerBytes);
  }

  /** Undefined where frames of this codec are not told apart. */
  static of(codec: string): SoundFrames | undefined {
    const syntax = syntaxes[codec];
    return syntax && new SoundFrames(syntax);
  }

  /** Bytes were lost: the next header is looked for. */
  reset(): void {
    this.#have = 0;
    this.#skip = 0;
  }

  /** Gives how many frames begin in these bytes, a header that is cut counting where it ends. */
  push(data: Uint8Array, from: number, to: number): number {
    let found = 0;
    for (let at = from; at < to; ) {
      if (this.#skip > 0) {
        const hop = Math.min(this.#skip, to - at);
        this.#skip -= hop;
        at += hop;
        continue;
      }
      this.#header[this.#have++] = u8(data, at++);
      if (this.#have === this.#header.length) found += this.#read();
    }
    return found;
  }

  #read(): number {
    const frame = this.#syntax.read(this.#header);
    if (frame === undefined || frame.frameBytes < this.#header.length) {
      this.#header.copyWithin(0, 1);
      this.#have = this.#header.length - 1;
      return 0;
    }
    this.#have = 0;
    this.#skip = frame.frameBytes - this.#header.length;
    if (frame.continues === true) return 0;
    this.format = frame.format ?? this.format;
    return 1;
  }
}
