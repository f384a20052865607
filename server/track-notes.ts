/** What each track is, written down when it is first seen and when it changes, so that a chart of yesterday says so too. */
import { keyOf } from '../db/history-batch.ts';
import type { History } from '../db/history.ts';
import { HistoryError, type TrackNote } from '../db/history-model.ts';
import { type Health, type TrackAbout, trackAboutSchema, type TrackHealth } from '../relay/contract/health.ts';

/** Written again after so long though nothing has changed: a history that lost its file gets it back. Nothing is kept twice. */
const AGAIN_MS = 600_000;

/** Changes of one track that are written in AGAIN_MS. A stream that changes all the time fills no disk. */
const MOST_CHANGES = 6;

const MOST_TRACKS = 200_000;

interface Known {
  readonly about: string;
  /** When these changes began to be counted, epoch ms. */
  readonly since: number;
  readonly changes: number;
}

export interface TrackNotes {
  /** Resolves when what is new is kept, or will be tried again with the next second. */
  take(health: Health): Promise<void>;
}

export function createTrackNotes(history: Pick<History, 'describe'>): TrackNotes {
  const known = new Map<string, Known>();

  /** The note to write, if any. */
  const look = (note: TrackNote, key: string): readonly TrackNote[] => {
    const before = known.get(key);
    const isFresh = before !== undefined && Math.abs(note.at - before.since) < AGAIN_MS;
    if (isFresh && (before.about === note.about || before.changes >= MOST_CHANGES)) return [];
    if (known.size >= MOST_TRACKS) known.clear();
    const counted = isFresh ? { since: before.since, changes: before.changes + 1 } : { since: note.at, changes: 0 };
    known.set(key, { about: note.about, ...counted });
    return [note];
  };

  return {
    take: async ({ seconds }) => {
      const notes = seconds.flatMap(({ at, endpoints }) =>
        endpoints.flatMap(({ flowId, pipeline, id, tracks }) =>
          tracks.flatMap((track) => {
            const channel = { flowId, pipeline, endpointId: id, track: track.id };
            return look({ channel, at, about: aboutJson(track) }, keyOf(channel));
          }),
        ),
      );
      if (notes.length === 0) return;
      try {
        await history.describe(notes);
      } catch (error) {
        if (!(error instanceof HistoryError)) throw error;
        for (const { channel } of notes) known.delete(keyOf(channel));
      }
    },
  };
}

/** Its fields in one order, so that the same is the same text. */
const aboutJson = ({ kind, codec, language, width, height, profile, sampleRate, channels }: TrackHealth): string =>
  JSON.stringify({ kind, codec, language, width, height, profile, sampleRate, channels });

/** As it was written down; undefined where it is not to be read. */
export function readAbout(text: string | undefined): TrackAbout | undefined {
  if (text === undefined) return undefined;
  try {
    return trackAboutSchema.safeParse(JSON.parse(text)).data;
  } catch {
    // Written by something else: the track is shown by its place alone.
    return undefined;
  }
}
