import { createSocket } from 'node:dgram';
import { describe, expect, it } from 'vitest';
import type { SourceEvents } from '../../../relay/media.ts';
import { openRtpSource } from '../../../relay/rtp/source.ts';
import { freePorts } from '../../kit/free-ports.ts';
import { until } from '../../kit/until.ts';

const loopback = '127.0.0.1';

/** A source of bare TS and what it told, in order. */
function openSource(port: number, idleMs: number) {
  const told: string[] = [];
  const events: SourceEvents = {
    connected: () => told.push('connected'),
    data: () => undefined,
    disconnected: (code) => told.push(code),
    refused: (code) => told.push(code),
    ended: (code) => told.push(code),
  };
  const link = { host: loopback, port, allowlist: ['0.0.0.0/0'], bareTs: true, idleMs };
  return { told, source: openRtpSource({ ...link, protocol: 'rtp' }, events) };
}

describe('an RTP source that nothing more comes to', () => {
  it('has ended after the time that its plan names', async () => {
    const [first = 0, second = 0] = await freePorts(2);
    const [patient, hasty] = [openSource(first, 10_000), openSource(second, 1000)];
    const socket = createSocket('udp4');
    const packet = Buffer.alloc(188);
    packet[0] = 0x47;
    await until('both have a peer', () => {
      for (const port of [first, second]) socket.send(packet, port, loopback);
      return patient.told.length > 0 && hasty.told.length > 0;
    });
    await until('the hasty one has ended', () => hasty.told.includes('idle'));
    expect([hasty.told, patient.told]).toEqual([['connected', 'idle'], ['connected']]);
    socket.close();
    patient.source.close();
    hasty.source.close();
  });
});
