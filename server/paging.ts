/** Pages of flows that stay where they are while flows come and go. */
import { Buffer } from 'node:buffer';
import type { Flow } from '../db/model.ts';
import { refuseField } from './refusal.ts';

export interface PageWish {
  /** Flows a page, 1 or more. */
  readonly limit: number;
  /** `next` of the page before; absent: from the beginning. */
  readonly cursor?: string | undefined;
}

export interface FlowPage {
  readonly flows: readonly Flow[];
  /** Absent at the end. */
  readonly next?: string;
}

/** The flows behind the cursor that are wanted. `all` is oldest first. Throws a Refusal where the cursor is none of ours. */
export function pageOf(all: readonly Flow[], { limit, cursor }: PageWish, isWanted: (flow: Flow) => boolean): FlowPage {
  const found = all.slice(cursor === undefined ? 0 : startAfter(all, readCursor(cursor))).filter(isWanted);
  const flows = found.slice(0, limit);
  const last = found.length > limit ? flows.at(-1) : undefined;
  return { flows, ...(last && { next: cursorOf(last) }) };
}

type Place = Pick<Flow, 'id' | 'createdAt'>;

const cursorOf = ({ id, createdAt }: Place): string => Buffer.from(`${createdAt}.${id}`).toString('base64url');

function readCursor(cursor: string): Place {
  const [, at, id] = /^(\d{1,16})\.(.+)$/s.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (at === undefined || id === undefined) throw refuseField('cursor-invalid', 'cursor');
  return { createdAt: Number(at), id };
}

/** A flow that was deleted meanwhile still has its place among the others by its age. */
function startAfter(all: readonly Flow[], place: Place): number {
  const index = all.findIndex(({ id }) => id === place.id);
  if (index >= 0) return index + 1;
  const later = all.findIndex(
    ({ createdAt, id }) => createdAt > place.createdAt || (createdAt === place.createdAt && id > place.id),
  );
  return later < 0 ? all.length : later;
}
