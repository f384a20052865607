import { describe, expect, it } from 'vitest';
import type { PacketBatch } from '../../../relay/media.ts';
import { toPacketBatch } from '../../../relay/media.ts';
import { openSrtSink } from '../../../relay/srt/sink.ts';
import type { Srt, SrtSession } from '../../../relay/srt/socket.ts';
import { statsSum } from '../../../relay/srt/stats.ts';
import { rawStats } from './raw-stats.ts';

/** A session whose buffer takes so many messages of each batch. */
function fullSession(room: number): SrtSession {
  const sum = statsSum();
  return {
    peer: { address: '192.0.2.1', port: 9000 },
    send: ({ lengths }: PacketBatch) => Math.min(room, lengths.length),
    stats: () => sum({ ...rawStats, pktSndDrop: 2 }),
    link: () => ({ latencyMs: 120, keyLength: 0, encrypted: false }),
    close: () => {},
  };
}

describe('an output over SRT', () => {
  it('counts as dropped both what its link gave up and what its full buffer refused', () => {
    const session = fullSession(1);
    const srt: Pick<Srt, 'dial'> = { dial: () => session };
    const spec = { protocol: 'srt', id: 'studio', host: '192.0.2.1', port: 9000, latencyMs: 120 } as const;
    const sink = openSrtSink(srt, spec, 10_000_000, { connected: () => {}, ended: () => {} });
    expect(sink.send(toPacketBatch(new Uint8Array(188 * 7 * 4), 0))).toBe(1);
    // The sink's keeper counts what was refused by itself.
    expect(sink.figures()).toMatchObject({ dropped: 2, link: { dropped: 5 } });
  });
});
