/** What the log tells, in the words of a mark on a chart. */
import { hostPort } from './units.ts';

/** As much of a line of the log as is told. */
export interface Happened {
  readonly code: string;
  readonly peer?: { readonly address: string; readonly port: number };
  readonly count: number;
}

/** The code in plain words, who the peer was, and how often. */
export function markSentence({ code, peer, count }: Happened): string {
  const what = `${code.charAt(0).toUpperCase()}${code.slice(1).replaceAll('-', ' ')}`;
  const from = peer ? ` (${hostPort(peer.address, peer.port)})` : '';
  return `${what}${from}${count > 1 ? `, ${count} times` : ''}.`;
}
