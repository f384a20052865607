/** Every bound of the formats: what a hostile or broken stream may cost, and how long anything may wait. */

/** Ticks a second of the MPEG system clock's 90 kHz half, in which pts and dts are counted. */
export const ticksPerSecond = 90_000;

export const limits = {
  /** One PES packet. An intra frame of 4K HEVC at 100 Mbit/s is about 2 MB. */
  pesBytes: 8 << 20,
  /** One PSI section, ISO 13818-1 2.4.4.10: private sections end at 4096, PAT and PMT at 1024. */
  sectionBytes: 4096,
  /** One FLV tag body, and so one RTMP message. */
  tagBytes: 8 << 20,
  /** Programs of one PAT that are followed. */
  programs: 64,
  /** Elementary streams of one PMT that are followed. */
  tracks: 64,
  /** Sections of one PAT. */
  patSections: 16,
  /** NAL units of one access unit. A 4K frame in 64-byte slices would have more; no encoder does that. */
  nalUnits: 4096,
  /** One parameter set. Real ones are 10 to 300 bytes. */
  parameterSetBytes: 8192,
  /** The highest id of a parameter set: that of a PPS in H.264. */
  parameterSetId: 255,
  /** Parameter sets of one track, all kinds together. H.264 allows 32 + 256; encoders use 2 to 20. */
  parameterSets: 128,
  /** AAC frames of one PES. ffmpeg packs 16, ATSC muxers up to about 100 ms. */
  audioFrames: 1024,
  /** The end of an AAC frame that is still to come: the ADTS length field has 13 bits. */
  adtsBytes: 8191,
  /** A raw AAC frame that ADTS can carry. Real ones are under 768 bytes a channel (ISO 14496-3 4.5.3). */
  aacBytes: 8191 - 7,

  /** A step back of more than this is another time base; less is a slip that the clock rides out. */
  jumpBackTicks: 1 * ticksPerSecond,
  /** A step forward of more than this is another time base; less is a hole in the stream and is kept. */
  jumpForwardTicks: 10 * ticksPerSecond,
  /** As above where the stream itself says that its time base breaks. */
  flaggedForwardTicks: 1 * ticksPerSecond,
  /** How far apart two tracks of one program may be and still be on one time base. */
  trackSpreadTicks: 10 * ticksPerSecond,
  /** Frames of an old time base may come so long after the first of a new one: what muxers keep back of a track. */
  baseOverlapTicks: 2 * ticksPerSecond,
  /** pts - dts. 16 reordered frames at 10 fps are 1.6 s. More is a damaged header. */
  compositionTicks: 10 * ticksPerSecond,

  /** Audio waits this long for the first key frame of a video track that is announced. */
  keyframeWaitTicks: 10 * ticksPerSecond,
  /** After this long without an IDR a recovery point is good enough to start at. */
  recoveryWaitTicks: 3 * ticksPerSecond,
  /** FLV says no track list: audio waits this long for a video header to come. */
  videoWaitTicks: 2 * ticksPerSecond,

  /** A frame whose last packet was stuffed is whole: handed on when its track is quiet this long. */
  quietStuffedMs: 80,
  /** A frame that may go on is handed on when its track is quiet this long. */
  quietMs: 500,
  /** How long a frame waits for a frame of the other track that belongs before it. */
  interleaveMs: 400,
  /** Frames that may wait so. 400 ms are 24 video and 19 audio frames. */
  interleaveUnits: 512,
  interleaveBytes: 32 << 20,

  /** PCR at most every 40 ms (TR 101 290 2.3a, TR 101 154 4.1.5.1); the rest is left for the receiver's jitter. */
  pcrIntervalTicks: 0.035 * ticksPerSecond,
  /** PAT and PMT at most every 100 ms (TR 101 290 1.3 allows 500), a clock interval kept in hand. */
  psiIntervalTicks: 0.065 * ticksPerSecond,
  /** How far dts runs before PCR: what a receiver buffers, and so latency. */
  pcrLagTicks: 0.2 * ticksPerSecond,
  /** A track that has not spoken for this long no longer holds PCR back. */
  pcrSilentTicks: 0.5 * ticksPerSecond,

  /** TR 101 290 1.3, 1.5: PAT and PMT at least each 0.5 s. */
  tableSilenceMs: 500,
  /** TR 101 290 1.6: a PID of the PMT is silent at most so long; the norm leaves the time to the operator. */
  pidSilenceMs: 5000,
  /** TR 101 290 2.3a and 2.3b. */
  pcrIntervalMs: 40,
  pcrJumpMs: 100,
  /** TR 101 290 2.5. */
  ptsIntervalMs: 700,
  /** A longer step is another time base, not an interval. */
  longestPeakMs: 10_000,
  /** The beginning of a video PES that is kept to find the parameter sets: a delimiter and three sets are under 400. */
  headBytes: 1024,

  /** Different notices of one remuxer: a table that changes for ever tells no more. */
  notices: 256,

  /** Splicing: packets of the new source held while the last frame of the old one ends. */
  spliceHoldBytes: 4 << 20,
  spliceHoldMs: 200,
  /** An old source that is silent so long ends no frame any more. */
  spliceDeadMs: 100,
} as const;
