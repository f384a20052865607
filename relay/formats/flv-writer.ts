/** Frames to FLV tags: configurations before the frames that need them, times in whole ms that rise. */

import { type AacFormat, buildAudioConfig } from './aac.ts';
import type { AccessUnit, Lane } from './access-unit.ts';
import { sameBytes } from './bytes.ts';
import { codecs } from './codecs.ts';
import { fourCcNumber, metadataBody } from './flv-metadata.ts';
import { aacBody, type FlvTag, videoFrameBody, videoHeaderBody } from './flv-tag.ts';
import { ticksPerSecond } from './limits.ts';
import type { PictureFormat } from './nal.ts';
import type { Placed } from './timeline.ts';
import type { VideoFramer } from './video-framer.ts';

/** Receives a tag and the dts in ticks by which it is put into order. */
export type FlvTagOut = (lane: Lane, dts: number, tag: FlvTag) => void;

const ticksPerMs = ticksPerSecond / 1000;
/** Puts headers before the frame whose time they have, in ticks. */
const headerLead = 1;

export interface FlvWriterOptions {
  readonly out: FlvTagOut;
  /** True once a tag has left the queue behind `out`: until then a configuration may still go to its front. */
  readonly hasBegun: () => boolean;
}

export class FlvWriter {
  /** True where sound is announced, though none was heard yet. */
  expectsAudio = false;
  readonly #options: FlvWriterOptions;
  readonly #lastMs: Record<Lane, number> = { video: -1, audio: -1 };
  #framer: VideoFramer | undefined;
  #setsRevision = -1;
  /** What the parameter sets at hand make, and what was sent of it. */
  #pendingConfig: Uint8Array | undefined;
  #videoConfig: Uint8Array | undefined;
  #audioConfig: Uint8Array | undefined;
  #picture: PictureFormat | undefined;
  #sound: AacFormat | undefined;
  /** Where the output began. */
  #first: { readonly dts: number; readonly ms: number } | undefined;

  constructor(options: FlvWriterOptions) {
    this.#options = options;
  }

  /** True once the track's parameter sets make a configuration. */
  isReady(framer: VideoFramer): boolean {
    return this.#configOf(framer) !== undefined;
  }

  /** One video frame; its configuration goes before it where it is new. */
  video(framer: VideoFramer, unit: AccessUnit, placed: Placed): void {
    const config = this.#configOf(framer);
    if (config === undefined) return;
    const dtsMs = this.#rise('video', placed.dts);
    this.#describe('video', placed.dts, dtsMs);
    if (this.#videoConfig === undefined || !sameBytes(this.#videoConfig, config)) {
      this.#videoConfig = config;
      this.#options.out('video', placed.dts, videoHeader(framer, config, dtsMs));
    }
    // Both times are rounded by themselves, so that rounding never adds up (and pts stays where it was).
    const compositionMs = Math.max(0, Math.round(placed.pts / ticksPerMs) - dtsMs);
    const keyframe = unit.entry !== 'none';
    const body = videoFrameBody(framer.name, unit.parts, { keyframe, compositionMs });
    this.#options.out('video', placed.dts, tag('video', dtsMs, body, { keyframe }));
  }

  /** One raw AAC frame. */
  audio(frame: Uint8Array, format: AacFormat, placed: Placed): void {
    const dtsMs = this.#rise('audio', placed.dts);
    this.hear(format);
    this.#describe('audio', placed.dts, dtsMs);
    const config = buildAudioConfig(format);
    if (this.#audioConfig === undefined || !sameBytes(this.#audioConfig, config)) {
      this.#audioConfig = config;
      const begin = this.#options.hasBegun() ? undefined : this.#first;
      const at = begin ?? { dts: placed.dts, ms: dtsMs };
      this.#options.out('audio', at.dts - headerLead, audioHeader(config, at.ms));
    }
    this.#options.out('audio', placed.dts, tag('audio', dtsMs, aacBody(frame, false), {}));
  }

  /** Notes the format of the sound before it goes out, for onMetaData. */
  hear(format: AacFormat): void {
    this.#sound = format;
  }

  /** onMetaData and the configurations in force: what a peer must have before the next key frame. */
  headers(): FlvTag[] {
    const atMs = Math.max(this.#lastMs.video, this.#lastMs.audio, 0);
    const headers = [this.#metadata(atMs)];
    if (this.#videoConfig !== undefined && this.#framer !== undefined) {
      headers.push(videoHeader(this.#framer, this.#videoConfig, atMs));
    }
    if (this.#audioConfig !== undefined) headers.push(audioHeader(this.#audioConfig, atMs));
    return headers;
  }

  /** Whole ms, one more than the last where two frames round to the same. */
  #rise(lane: Lane, dts: number): number {
    const ms = Math.max(Math.round(dts / ticksPerMs), this.#lastMs[lane] + 1);
    this.#lastMs[lane] = ms;
    return ms;
  }

  #configOf(framer: VideoFramer): Uint8Array | undefined {
    if (framer === this.#framer && framer.sets.revision === this.#setsRevision) return this.#pendingConfig;
    this.#framer = framer;
    this.#setsRevision = framer.sets.revision;
    this.#pendingConfig = framer.codec.buildConfig(framer.sets);
    const sps = framer.sets.of('sps')[0];
    this.#picture = sps && framer.codec.readFormat(sps);
    return this.#pendingConfig;
  }

  /** onMetaData goes before all else. */
  #describe(lane: Lane, dts: number, dtsMs: number): void {
    if (this.#first !== undefined) return;
    this.#first = { dts, ms: dtsMs };
    this.#options.out(lane, dts - 2 * headerLead, this.#metadata(dtsMs));
  }

  #metadata(atMs: number): FlvTag {
    const isEnhanced = this.#framer?.name === 'h265';
    const body = metadataBody({
      width: this.#picture?.width,
      height: this.#picture?.height,
      framerate: this.#picture?.nominalFrameRate,
      videocodecid: this.#framer && (isEnhanced ? fourCcNumber(codecs.h265.fourCc) : codecs.h264.flvId),
      audiocodecid: this.expectsAudio || this.#sound !== undefined ? codecs.aac.flvId : undefined,
      audiosamplerate: this.#sound?.sampleRate,
      audiochannels: this.#sound?.channels,
    });
    return tag('data', atMs, body, { sequenceHeader: true });
  }
}

const tag = (
  kind: FlvTag['kind'],
  dtsMs: number,
  body: Uint8Array,
  { keyframe = false, sequenceHeader = false }: Partial<Pick<FlvTag, 'keyframe' | 'sequenceHeader'>>,
): FlvTag => ({ kind, timestampMs: dtsMs % 2 ** 32, body, keyframe, sequenceHeader });

const videoHeader = (framer: VideoFramer, config: Uint8Array, atMs: number): FlvTag =>
  tag('video', atMs, videoHeaderBody(framer.name, config), { keyframe: true, sequenceHeader: true });

const audioHeader = (config: Uint8Array, atMs: number): FlvTag =>
  tag('audio', atMs, aacBody(config, true), { sequenceHeader: true });
