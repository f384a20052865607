import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import { buildRtp, parseRtp } from '../../../relay/rtp/packet.ts';
import { openRtpSender, type RtpSenderOptions } from '../../../relay/rtp/sender.ts';
import { until } from '../rtmp/kit.ts';
import { batchOf, listen, mouth, ts } from './kit.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function ear(options: Parameters<typeof listen>[0] = {}) {
  const heard = await listen(options);
  open.push(heard.receiver);
  return heard;
}

async function voice(address?: string): Promise<Socket> {
  const socket = await mouth(address);
  open.push(socket);
  return socket;
}

async function senderTo(port: number, options: Partial<RtpSenderOptions> = {}) {
  const sender = await openRtpSender({ host: '127.0.0.1', port, ...options });
  open.push(sender);
  return sender;
}

const rtp = (sequence: number, ssrc = 1, payload = ts(7, sequence)) =>
  buildRtp({ sequence, timestamp: sequence * 10, ssrc }, payload);

describe('the RTP receiver', () => {
  it('hands on payloads in order with the numbers they came with', async () => {
    const { receiver, sequences, timestamps, messages, events } = await ear();
    const socket = await voice();
    for (const sequence of [65_535, 1, 0, 2]) socket.send(rtp(sequence), receiver.port, '127.0.0.1');
    await until(() => messages.length === 4, 'four messages');
    expect(sequences).toEqual([65_535, 0, 1, 2]);
    expect(timestamps).toEqual([655_350, 0, 10, 20]);
    expect(messages[1]).toEqual(ts(7, 0));
    expect(events).toEqual(['began 1']);
  });

  it('looks at nothing from an address that may not send, and reports it once', async () => {
    const { receiver, messages, refused } = await ear({ allows: (address) => address === '127.0.0.1' });
    const foreign = await voice('127.0.0.2');
    const own = await voice();
    for (let i = 0; i < 20; i += 1) foreign.send(rtp(i, 9), receiver.port, '127.0.0.1');
    await until(() => receiver.figures().foreign === 20, 'twenty foreign datagrams');
    own.send(rtp(1), receiver.port, '127.0.0.1');
    await until(() => messages.length === 1, 'a message');
    expect(refused).toMatchObject([{ address: '127.0.0.2', cause: 'address-not-allowed', count: 1 }]);
    expect(receiver.figures()).toMatchObject({ received: 1, strays: 0 });
  });

  it('knows an IPv4 sender by its IPv4 address on an IPv6 port too', async () => {
    const { receiver, messages } = await ear({ host: '::', allows: (address) => address === '127.0.0.1' });
    (await voice()).send(rtp(1), receiver.port, '127.0.0.1');
    await until(() => messages.length === 1, 'a message');
  });

  it('counts what is no RTP and goes on', async () => {
    const { receiver, messages } = await ear();
    const socket = await voice();
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(2_000, 0xff), Buffer.from('GET /'), ts(7)]) {
      socket.send(bytes, receiver.port, '127.0.0.1');
    }
    socket.send(rtp(1), receiver.port, '127.0.0.1');
    await until(() => messages.length === 1, 'a message');
    const { malformed } = receiver.figures();
    expect([...malformed.values()].reduce((sum, count) => sum + count, 0)).toBe(4);
  });

  it('gives a lost packet up in time', async () => {
    const { receiver, sequences } = await ear({ limits: { reorderMs: 50 } });
    const socket = await voice();
    for (const sequence of [1, 3]) socket.send(rtp(sequence), receiver.port, '127.0.0.1');
    await until(() => sequences.length === 2, 'both packets');
    expect(receiver.figures()).toMatchObject({ lost: 1, delivered: 2 });
  });

  it('tells when the source falls silent and when it returns', async () => {
    const { receiver, events } = await ear({ limits: { idleMs: 60 } });
    const socket = await voice();
    socket.send(rtp(1), receiver.port, '127.0.0.1');
    await until(() => events.length === 2, 'silence');
    socket.send(rtp(2), receiver.port, '127.0.0.1');
    await until(() => events.length === 3, 'the return');
    expect(events.slice(0, 3)).toEqual(['began 1', 'idle', 'began 1']);
  });

  it('begins a new batch with a new SSRC', async () => {
    const { receiver, batches, messages, events } = await ear();
    const socket = await voice();
    for (const [sequence, ssrc] of [
      [1, 1],
      [2, 1],
      [50, 2],
      [51, 2],
    ] as const) {
      socket.send(rtp(sequence, ssrc), receiver.port, '127.0.0.1');
    }
    await until(() => messages.length === 4, 'four messages');
    expect(batches.map((batch) => ('rtp' in batch ? batch.rtp.ssrc : 0))).toContain(2);
    expect(events).toEqual(['began 1', 'began 2']);
  });

  it('takes bare TS only when told so, and of one sender at a time', async () => {
    const { receiver, messages, events, batches } = await ear({ bareTs: true });
    const [first, second] = [await voice(), await voice()];
    first.send(ts(7, 1), receiver.port, '127.0.0.1');
    await until(() => messages.length === 1, 'a message');
    second.send(ts(7, 2), receiver.port, '127.0.0.1');
    first.send(rtp(1), receiver.port, '127.0.0.1');
    first.send(ts(3, 3), receiver.port, '127.0.0.1');
    await until(() => messages.length === 2, 'the second message');
    expect(messages).toEqual([ts(7, 1), ts(3, 3)]);
    expect(events).toEqual(['began undefined']);
    expect(batches.some((batch) => 'rtp' in batch)).toBe(false);
    expect(receiver.figures()).toMatchObject({ strays: 1, malformed: new Map([['ts-misaligned', 1]]) });
  });
});

describe('the RTP sender', () => {
  it('numbers datagrams of seven TS packets and times them at 90 kHz', async () => {
    const { receiver, messages, sequences, timestamps } = await ear();
    const sender = await senderTo(receiver.port);
    sender.send(batchOf([ts(10, 1), ts(2, 2)]));
    await new Promise((resolve) => setTimeout(resolve, 100));
    sender.send(batchOf([ts(7, 3)]));
    await until(() => messages.length === 4, 'four datagrams');
    expect(messages.map(({ length }) => length / 188)).toEqual([7, 3, 2, 7]);
    const steps = sequences.slice(1).map((one, i) => (one - (sequences[i] ?? 0)) & 0xffff);
    expect(steps).toEqual([1, 1, 1]);
    const elapsed = ((timestamps.at(-1) ?? 0) - (timestamps[0] ?? 0)) >>> 0;
    expect(elapsed).toBeGreaterThan(8_000);
    expect(elapsed).toBeLessThan(40_000);
  });

  it('keeps sequence, time and source of what came by RTP, gaps included', async () => {
    const far = createSocket('udp4');
    open.push(far);
    const got: Uint8Array[] = [];
    far.on('message', (bytes) => got.push(bytes));
    await new Promise<void>((resolve) => far.bind(0, '127.0.0.1', resolve));
    const sender = await senderTo(far.address().port);
    const near = await listen({ limits: { reorderMs: 30 } });
    open.push(near.receiver);
    const socket = await voice();
    const sent = [65_534, 65_535, 1, 2].map((sequence) => rtp(sequence, 77));
    for (const bytes of sent) socket.send(bytes, near.receiver.port, '127.0.0.1');
    await until(() => near.messages.length === 4, 'four messages');
    for (const batch of near.batches) sender.send(batch);
    await until(() => got.length === 4, 'four datagrams');
    expect(got.map((bytes) => parseRtp(new Uint8Array(bytes)))).toEqual(sent.map((bytes) => parseRtp(bytes)));
  });

  it('spreads a burst over the time it stands for', async () => {
    const far = await voice();
    const arrivals: number[] = [];
    far.on('message', () => arrivals.push(performance.now()));
    const sender = await senderTo(far.address().port);
    sender.send(batchOf([ts(7)]));
    await new Promise((resolve) => setTimeout(resolve, 40));
    sender.send(batchOf(Array.from({ length: 40 }, (_, i) => ts(7, i))));
    await until(() => arrivals.length === 41, 'all datagrams');
    const [, first = 0] = arrivals;
    expect((arrivals.at(-1) ?? 0) - first).toBeGreaterThan(20);
    expect(arrivals.filter((at) => at < first + 10).length).toBeLessThan(30);
  });

  it('counts a destination where nobody listens, and lives', async () => {
    const gone = await mouth();
    const { port } = gone.address();
    await new Promise<void>((resolve) => gone.close(() => resolve()));
    const sender = await senderTo(port);
    for (let i = 0; i < 5; i += 1) {
      sender.send(batchOf([ts(7)]));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await until(() => sender.figures().failedPackets > 0, 'a refusal');
    expect(sender.figures().lastError).toBe('ECONNREFUSED');
  });

  it('drops and counts above its bound', async () => {
    const { receiver } = await ear();
    const sender = await senderTo(receiver.port, { limits: { waitingDatagrams: 10 } });
    sender.send(batchOf(Array.from({ length: 20 }, () => ts(7))));
    expect(sender.figures()).toMatchObject({ droppedPackets: 20, sentPackets: 0 });
  });

  it('refuses an address that may not be sent to', async () => {
    await expect(openRtpSender({ host: 'localhost', port: 9, permits: () => false })).rejects.toThrow(
      'may not be sent to',
    );
  });

  it('reaches a multicast group', async () => {
    const group = '239.255.77.7';
    const heard = await ear({ host: '0.0.0.0', multicast: { group, interfaceAddress: '127.0.0.1' } });
    const sender = await senderTo(heard.receiver.port, { host: group, ttl: 4, interfaceAddress: '127.0.0.1' });
    sender.send(batchOf([ts(7, 5)]));
    await until(() => heard.messages.length === 1, 'a datagram of the group');
    expect(heard.messages[0]).toEqual(ts(7, 5));
  });
});
