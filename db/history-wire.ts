/** How the history's face and its workers talk: calls with numbers, and answers to them. */
import type { MessagePort, TransferListItem } from 'node:worker_threads';
import { faultOf } from './history-file.ts';
import { HistoryError, type HistoryErrorCode, type HistoryFault, type HistoryFileName } from './history-model.ts';

/** `never` stands for what only the call itself knows: its arguments here, its value in the answer. */
export interface Call<Name> {
  readonly id: number;
  readonly name: Name;
  readonly args: readonly never[];
}

export type Answer =
  | { readonly kind: 'value'; readonly id: number; readonly value: never }
  | { readonly kind: 'error'; readonly id: number; readonly code: HistoryErrorCode; readonly message: string }
  | { readonly kind: 'fault'; readonly fault: HistoryFault }
  | { readonly kind: 'replaced'; readonly file: HistoryFileName };

type Calls<Name extends string> = Readonly<Record<Name, (...args: never[]) => Promise<unknown>>>;

/** Answers every call that comes through the port, each as soon as it is done. */
export function serve<Name extends string>(port: MessagePort, calls: Calls<Name>): void {
  port.on('message', ({ id, name, args }: Call<Name>) => {
    calls[name](...args).then(
      (value) => port.postMessage({ kind: 'value', id, value }, buffersOf(value)),
      (error: unknown) => port.postMessage({ kind: 'error', id, ...reasonOf(error) }),
    );
  });
}

function reasonOf(error: unknown): { readonly code: HistoryErrorCode; readonly message: string } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof HistoryError) return { code: error.code, message };
  if (error instanceof RangeError) return { code: 'invalid', message };
  const fault = faultOf(error);
  if (fault) return { code: fault === 'corrupt' ? 'corrupt' : 'unavailable', message };
  return { code: 'bug', message: error instanceof Error ? (error.stack ?? message) : message };
}

/** Large columns change hands rather than being copied. */
function buffersOf(value: unknown): TransferListItem[] {
  if (ArrayBuffer.isView(value)) return value.buffer instanceof ArrayBuffer ? [value.buffer] : [];
  if (value instanceof Map) return [...value.values()].flatMap(buffersOf);
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(buffersOf) : [];
}
