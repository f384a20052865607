/** Which tracks of a program go into FLV, and why the others do not. */

import { codecs } from './codecs.ts';
import type { Program, TsTrack } from './ts-program.ts';

export interface TrackWishes {
  /** The audio track to carry: by PID, else by ISO 639 language, else the first that FLV can carry. */
  readonly audioPid?: number;
  readonly audioLanguage?: string;
  /** False where the peer knows no enhanced RTMP: HEVC is then left out. */
  readonly enhanced?: boolean;
}

export interface TrackChoice {
  readonly video: TsTrack | undefined;
  readonly audio: TsTrack | undefined;
  readonly dropped: readonly { readonly track: TsTrack; readonly reason: 'unsupported' | 'extra' }[];
}

/** One track of each kind, the first by order of the PMT unless wished otherwise. */
export const chooseTracks = (program: Program, wishes: TrackWishes): TrackChoice => {
  const fit = program.tracks.filter(({ codec }) => isCarried(codec.name, wishes.enhanced ?? true));
  const video = fit.find(({ codec }) => codec.kind === 'video');
  const sounds = fit.filter(({ codec }) => codec.kind === 'audio');
  const audio =
    sounds.find(({ pid }) => pid === wishes.audioPid) ??
    sounds.find(({ language }) => language !== undefined && language === wishes.audioLanguage) ??
    sounds[0];
  const dropped = program.tracks
    .filter((track) => track !== video && track !== audio)
    .map((track) => ({ track, reason: fit.includes(track) ? ('extra' as const) : ('unsupported' as const) }));
  return { video, audio, dropped };
};

const isCarried = (codec: string, enhanced: boolean): boolean =>
  codec === codecs.h264.name || codec === codecs.aac.name || (codec === codecs.h265.name && enhanced);
