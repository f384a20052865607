/** Each relay's one RTMP port: given when it is first asked for, and kept for ever, since encoders are set to it. */
import { z } from 'zod';
import { Refusal } from './refusal.ts';

export interface RtmpPorts {
  /** The port of a relay that `ensure` was asked for, now or at an earlier start. */
  of(relayId: string): number;
  /** Gives ports to relays that have none. Rejects with Refusal `rtmp-ports-exhausted`. */
  ensure(relayIds: readonly string[]): Promise<void>;
}

export interface RtmpPortsDeps {
  readonly range: { readonly first: number; readonly last: number };
  /** What was saved last, as text; undefined at the first start. */
  readonly saved: string | undefined;
  readonly save: (text: string) => Promise<void>;
  /** Does no program of this host hold the TCP port? */
  readonly isFree: (port: number) => Promise<boolean>;
}

export function createRtmpPorts({ range, saved, save, isFree }: RtmpPortsDeps): RtmpPorts {
  let ports = new Map(Object.entries(z.record(z.string(), z.int()).parse(JSON.parse(saved ?? '{}'))));
  const next = async (taken: ReadonlySet<number>): Promise<number> => {
    for (let port = range.first; port <= range.last; port++) if (!taken.has(port) && (await isFree(port))) return port;
    throw new Refusal('rtmp-ports-exhausted');
  };
  return {
    of: (relayId) => {
      const port = ports.get(relayId);
      if (port === undefined) throw new Error(`Relay ${relayId} was given no RTMP port.`);
      return port;
    },
    ensure: async (relayIds) => {
      const given = new Map(ports);
      for (const relayId of relayIds) if (!given.has(relayId)) given.set(relayId, await next(new Set(given.values())));
      if (given.size === ports.size) return;
      await save(JSON.stringify(Object.fromEntries(given)));
      ports = given;
    },
  };
}
