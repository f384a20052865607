/** What the server itself tells in the operator's log: what was done to a flow and by whom, and what befell its relays. */

/** Docs: docs/events.md. */
export const serverEvents = [
  'flow-created',
  'flow-duplicated',
  'flow-imported',
  'flow-renamed',
  'flow-started',
  'flow-stopped',
  'flow-deleted',
  'input-edited',
  'input-switched',
  'output-created',
  'output-edited',
  'output-deleted',
  'relay-lost',
  'relay-hung',
  'relay-died',
  'relay-keeps-ending',
  'relay-back',
] as const;

export type ServerEventCode = (typeof serverEvents)[number];

/** The flow that it happened to, as it was then. `at` is epoch ms; absent: now. */
export interface ServerEvent {
  readonly flow: { readonly id: string; readonly name: string };
  readonly code: ServerEventCode;
  readonly facts: Readonly<Record<string, string | number>>;
  readonly at?: number;
}
