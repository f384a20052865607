/** The registry of codecs: one line each. How TS and FLV name it, and what an operator reads. */

/** One descriptor of a PMT, ISO 13818-1 2.6. */
export interface Descriptor {
  readonly tag: number;
  readonly data: Uint8Array;
}

export interface Codec {
  readonly name: string;
  readonly kind: 'video' | 'audio' | 'data';
  readonly label: string;
  /** PMT stream types, ISO 13818-1 table 2-34; the first is the one we write. */
  readonly streamTypes?: readonly number[];
  /** PMT descriptor tags that name the codec of private data (stream type 6), ETSI EN 300 468 table 12. */
  readonly descriptors?: readonly number[];
  /** format_identifier of a registration descriptor (tag 5), ISO 13818-1 2.6.8. */
  readonly registrations?: readonly string[];
  /** Enhanced RTMP v2, "Defining Additional Video/Audio Codecs". */
  readonly fourCc?: string;
  /** CodecID or SoundFormat of a legacy FLV tag, Adobe FLV v10.1 E.4.2.1, E.4.3.1; 12 is the Chinese HEVC of old. */
  readonly flvId?: number;
}

// biome-ignore format: one line a codec
export const codecs = {
  h264: { name: 'h264', kind: 'video', label: 'H.264', streamTypes: [0x1b], fourCc: 'avc1', flvId: 7 },
  h265: { name: 'h265', kind: 'video', label: 'HEVC', streamTypes: [0x24], registrations: ['HEVC'], fourCc: 'hvc1', flvId: 12 },
  av1: { name: 'av1', kind: 'video', label: 'AV1', registrations: ['AV01'], fourCc: 'av01' },
  vp9: { name: 'vp9', kind: 'video', label: 'VP9', registrations: ['VP09'], fourCc: 'vp09' },
  vvc: { name: 'vvc', kind: 'video', label: 'VVC', streamTypes: [0x33], fourCc: 'vvc1' },
  mpeg2: { name: 'mpeg2', kind: 'video', label: 'MPEG-2 video', streamTypes: [0x02, 0x01] },
  aac: { name: 'aac', kind: 'audio', label: 'AAC', streamTypes: [0x0f], fourCc: 'mp4a', flvId: 10 },
  latm: { name: 'latm', kind: 'audio', label: 'AAC in LATM', streamTypes: [0x11] },
  mp2: { name: 'mp2', kind: 'audio', label: 'MPEG audio', streamTypes: [0x03, 0x04] },
  mp3: { name: 'mp3', kind: 'audio', label: 'MP3', fourCc: '.mp3', flvId: 2 },
  ac3: { name: 'ac3', kind: 'audio', label: 'AC-3', streamTypes: [0x81], descriptors: [0x6a], registrations: ['AC-3'], fourCc: 'ac-3' },
  eac3: { name: 'eac3', kind: 'audio', label: 'E-AC-3', streamTypes: [0x87], descriptors: [0x7a], registrations: ['EAC3'], fourCc: 'ec-3' },
  opus: { name: 'opus', kind: 'audio', label: 'Opus', registrations: ['Opus'], fourCc: 'Opus' },
  flac: { name: 'flac', kind: 'audio', label: 'FLAC', registrations: ['fLaC'], fourCc: 'fLaC' },
  dts: { name: 'dts', kind: 'audio', label: 'DTS', streamTypes: [0x82, 0x85, 0x8a], descriptors: [0x7b], registrations: ['DTS1', 'DTS2', 'DTS3'] },
  s302m: { name: 's302m', kind: 'audio', label: 'LPCM (SMPTE 302M)', registrations: ['BSSD'] },
  scte35: { name: 'scte35', kind: 'data', label: 'SCTE-35', streamTypes: [0x86], registrations: ['CUEI'] },
  klv: { name: 'klv', kind: 'data', label: 'KLV', registrations: ['KLVA'] },
  id3: { name: 'id3', kind: 'data', label: 'ID3', registrations: ['ID3 '] },
  teletext: { name: 'teletext', kind: 'data', label: 'teletext', descriptors: [0x56, 0x45, 0x46] },
  dvbsub: { name: 'dvbsub', kind: 'data', label: 'DVB subtitles', descriptors: [0x59] },
  metadata: { name: 'metadata', kind: 'data', label: 'timed metadata', streamTypes: [0x15] },
  unknown: { name: 'unknown', kind: 'data', label: 'unknown' },
} as const satisfies Record<string, Codec>;

const all: readonly Codec[] = Object.values(codecs);

const privateData = 0x06;
const registrationTag = 0x05;
const languageTag = 0x0a;

/** The codec of one entry of a PMT. A registration is asked first: it is the most exact of the three. */
export const codecOfStream = (streamType: number, descriptors: readonly Descriptor[]): Codec => {
  const registered = byRegistration(descriptors);
  if (registered !== undefined && (streamType === privateData || registered.kind === 'data')) return registered;
  const typed = all.find((codec) => codec.streamTypes?.includes(streamType));
  return typed ?? registered ?? byDescriptor(descriptors) ?? codecs.unknown;
};

export const codecOfFourCc = (fourCc: string): Codec | undefined => all.find((codec) => codec.fourCc === fourCc);

/** The codec of a legacy FLV tag's CodecID (video) or SoundFormat (audio). */
export const codecOfFlvId = (kind: 'video' | 'audio', id: number): Codec | undefined =>
  all.find((codec) => codec.kind === kind && codec.flvId === id);

/** The ISO 639 language of a PMT entry, three letters; undefined where none is told. */
export const languageOf = (descriptors: readonly Descriptor[]): string | undefined => {
  const found = descriptors.find(({ tag, data }) => tag === languageTag && data.length >= 3);
  return found && String.fromCharCode(...found.data.subarray(0, 3));
};

const byRegistration = (descriptors: readonly Descriptor[]): Codec | undefined => {
  const identifiers = descriptors
    .filter(({ tag, data }) => tag === registrationTag && data.length >= 4)
    .map(({ data }) => String.fromCharCode(...data.subarray(0, 4)));
  return all.find((codec) => codec.registrations?.some((name) => identifiers.includes(name)));
};

const byDescriptor = (descriptors: readonly Descriptor[]): Codec | undefined =>
  all.find((codec) => descriptors.some(({ tag }) => codec.descriptors?.includes(tag)));
