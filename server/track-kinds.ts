/** Which track of a flow is video and which audio, as relays told it: kept, since figures are kept without it. */
import { z } from 'zod';
import type { EndpointHealth, Health, TrackHealth } from '../relay/contract/health.ts';

export type TrackKind = TrackHealth['kind'];

export interface TrackKinds {
  note(health: Health): void;
  /** `track` is such as `pid 256`, `video` or `audio`. Undefined: never told. */
  of(flowId: string, track: string): TrackKind | undefined;
}

export interface TrackKindsDeps {
  /** As `save` had it. */
  readonly saved: string | undefined;
  /** Called when something new is known, and once for all that comes to be known until it is done. */
  readonly save: (text: string) => Promise<void>;
  readonly isKnown: (flowId: string) => boolean;
  readonly complain: (what: string, detail: Record<string, unknown>) => void;
}

/** So many of a flow: a stream that changes its PIDs each second must not fill the memory. The oldest gives way. */
const MOST_TRACKS = 256;

const savedSchema = z.record(z.string(), z.record(z.string(), z.enum(['video', 'audio', 'data'])));

/** A PID is of one kind at all ends of a flow, and the newest word counts. Flows that are gone are left out of what is saved. */
export function createTrackKinds({ saved, save, isKnown, complain }: TrackKindsDeps): TrackKinds {
  const flows = new Map(
    Object.entries(savedSchema.parse(JSON.parse(saved ?? '{}'))).map(([id, kinds]) => [
      id,
      new Map(Object.entries(kinds)),
    ]),
  );
  let isSaving = false;
  let isDirty = false;
  const saveSoon = async (): Promise<void> => {
    isDirty = true;
    if (isSaving) return;
    isSaving = true;
    while (isDirty) {
      isDirty = false;
      for (const flowId of flows.keys()) if (!isKnown(flowId)) flows.delete(flowId);
      const all = Object.fromEntries([...flows].map(([id, kinds]) => [id, Object.fromEntries(kinds)]));
      await save(JSON.stringify(all)).catch((error: unknown) =>
        complain('kinds of tracks were not kept', { reason: String(error) }),
      );
    }
    isSaving = false;
  };
  const noteEndpoint = ({ flowId, tracks }: EndpointHealth): boolean => {
    const kinds = flows.get(flowId) ?? new Map<string, TrackKind>();
    const news = tracks.filter(({ id, kind }) => kinds.get(id) !== kind);
    if (news.length === 0) return false;
    flows.set(flowId, kinds);
    for (const { id, kind } of news) kinds.set(id, kind);
    for (const id of [...kinds.keys()].slice(0, -MOST_TRACKS)) kinds.delete(id);
    return true;
  };
  return {
    note: ({ seconds }) => {
      const isNew = seconds.flatMap(({ endpoints }) => endpoints.map(noteEndpoint)).includes(true);
      if (isNew) void saveSoon();
    },
    of: (flowId, track) => flows.get(flowId)?.get(track),
  };
}
