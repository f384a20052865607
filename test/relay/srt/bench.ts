/** Both ends of SRT links on loopback, with all that happened to them written down. */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { vi } from 'vitest';
import type { PacketBatch } from '../../../relay/media.ts';
import type { CloseCause, RefusalCause } from '../../../relay/srt/causes.ts';
import type { DialOptions, ListenOptions, Srt, SrtListener, SrtSession } from '../../../relay/srt/socket.ts';

export const secret = 'correct horse battery';
export const encryption = { passphrase: secret, keyLength: 128 } as const;

/** A listener and what it saw. Received bytes are copied, in order. */
export class Inlet {
  readonly sessions: SrtSession[] = [];
  readonly closed: CloseCause[] = [];
  readonly refused: RefusalCause[] = [];
  readonly lengths: number[] = [];
  readonly dues: bigint[] = [];
  readonly listener: SrtListener;
  readonly #data: Buffer[] = [];

  constructor(srt: Srt, options: Partial<ListenOptions> = {}) {
    const defaults = { host: '127.0.0.1', port: 0, allowlist: ['127.0.0.1'], giveWayMs: 300, ...linkDefaults };
    this.listener = srt.listen(
      { ...defaults, ...options },
      {
        accepted: (session) => this.sessions.push(session),
        data: (_session, batch) => this.#take(batch),
        closed: (_session, cause) => this.closed.push(cause),
        refused: (_peer, cause) => this.refused.push(cause),
      },
    );
  }

  get data(): Buffer {
    return Buffer.concat(this.#data);
  }

  #take(batch: PacketBatch): void {
    this.#data.push(Buffer.from(batch.data));
    this.lengths.push(...batch.lengths);
    this.dues.push(...(batch.dues ?? []));
  }
}

/** A dialled session and how it ended. */
export class Outlet {
  connected = false;
  readonly closed: CloseCause[] = [];
  readonly session: SrtSession;

  constructor(srt: Srt, port: number, options: Partial<DialOptions> = {}) {
    this.session = srt.dial(
      { host: '127.0.0.1', port, ...linkDefaults, ...options },
      { connected: () => (this.connected = true), closed: (_session, cause) => this.closed.push(cause) },
    );
  }
}

const linkDefaults = { latencyMs: 60, maxBitrate: 20_000_000 };

/** Messages of the given lengths, filled with their number. */
export function batchOf(...lengths: number[]): PacketBatch {
  const data = Buffer.concat(lengths.map((length, number) => Buffer.alloc(length, number + 1)));
  return { container: 'ts', data, lengths: Uint16Array.from(lengths), at: 0 };
}

/** Waits until `check` stops throwing, for at most ten seconds. */
export const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 5 });

/** A UDP port of 127.0.0.1 that somebody else holds. */
export async function takenPort(): Promise<{ port: number; free: () => void }> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { port: socket.address().port, free: () => socket.close() };
}
