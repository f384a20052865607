/** What can be wrong with media bytes. Malformed media is not an error: it is a counter. */

/** Every fault, at zero. */
const none = {
  /** 0x47 was not where the packet grid wanted it, and the grid had to be found anew. */
  'sync-loss': 0,
  /** One packet without 0x47 on an intact grid. */
  'sync-byte': 0,
  /** The transport_error_indicator was set. */
  'transport-error': 0,
  /** A continuity counter missed a value. */
  continuity: 0,
  /** A packet came twice, which is allowed once. */
  duplicate: 0,
  /** An encrypted packet. */
  scrambled: 0,
  /** An adaptation field longer than its packet. */
  'adaptation-field': 0,
  /** A PSI section with a wrong CRC. */
  'section-crc': 0,
  /** A PSI section that is malformed or beyond its bound. */
  section: 0,
  /** A PES packet without a readable header. */
  'pes-header': 0,
  /** A PES packet beyond its bound. */
  'pes-too-long': 0,
  /** A PES packet shorter than it said. */
  'pes-truncated': 0,
  /** Payload without the beginning of its PES packet. */
  orphan: 0,
  /** A pts before its dts, or far beyond. */
  timestamp: 0,
  /** A frame without any time before the first one that has one. */
  'no-timestamp': 0,
  /** A parameter set or codec configuration that cannot be read. */
  'parameter-set': 0,
  /** More NAL units, frames or parameter sets than the bound. */
  'too-many-parts': 0,
  /** A NAL length that leaves its frame. */
  'nal-length': 0,
  /** Bytes between AAC frames. */
  adts: 0,
  /** Several raw data blocks in one ADTS frame, which FLV cannot carry. */
  'adts-blocks': 0,
  /** An FLV tag that is malformed or beyond its bound. */
  tag: 0,
  /** A frame before its codec configuration. */
  'config-missing': 0,
};

export type FaultCode = keyof typeof none;

/** How often each fault was seen. */
export type Faults = Record<FaultCode, number>;

export const noFaults = (): Faults => ({ ...none });

/** Bytes that cannot be read as what they should be. Thrown by parsers of whole records, counted by whoever called. */
export class MediaFault extends Error {
  override readonly name = 'MediaFault';
  readonly code: FaultCode;

  constructor(code: FaultCode, message: string) {
    super(message);
    this.code = code;
  }
}
