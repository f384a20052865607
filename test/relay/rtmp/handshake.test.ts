import { describe, expect, it } from 'vitest';
import { clientHandshake, handshakeBytes, serverHandshake } from '../../../relay/rtmp/handshake.ts';

/** What `bytes` bring forth when they come in pieces of `step`. */
function feed(handshake: ReturnType<typeof serverHandshake>, bytes: Uint8Array, step = bytes.length) {
  const sent: Uint8Array[] = [];
  let last = handshake.push(new Uint8Array(0));
  for (let at = 0; at < bytes.length; at += step) {
    last = handshake.push(bytes.subarray(at, at + step));
    sent.push(last.send);
  }
  return { sent: Buffer.concat(sent), last };
}

describe('the handshake', () => {
  it.each([1, 7, 1536, 5000])('of both our sides completes when bytes come in pieces of %i', (step) => {
    const client = clientHandshake();
    const server = serverHandshake();
    const { sent: reply } = feed(server, client.hello, step);
    const { sent: c2, last } = feed(client.handshake, reply, step);
    expect(last.done).toBe(true);
    expect(feed(server, c2, step).last.done).toBe(true);
  });

  it('hands on what came behind it', () => {
    const server = serverHandshake();
    const c0c1c2 = Buffer.concat([clientHandshake().hello, Buffer.alloc(handshakeBytes), Buffer.from('more')]);
    expect(Buffer.from(server.push(c0c1c2).rest).toString()).toBe('more');
  });

  it('echoes a simple greeting', () => {
    const hello = Buffer.alloc(1 + handshakeBytes, 7);
    hello[0] = 3;
    const { send } = serverHandshake().push(hello);
    expect(send.length).toBe(1 + 2 * handshakeBytes);
    expect(Buffer.from(send.subarray(1 + handshakeBytes))).toEqual(hello.subarray(1));
  });

  it('answers a signed greeting with a signature, not an echo', () => {
    const { hello } = clientHandshake();
    const { send } = serverHandshake().push(hello);
    expect(Buffer.from(send.subarray(1 + handshakeBytes))).not.toEqual(Buffer.from(hello.subarray(1)));
  });

  it.each([
    ['RTMPE', 6],
    ['HTTP', 'G'.charCodeAt(0)],
    ['TLS', 22],
  ])('refuses %s at its first byte', (_what, first) => {
    expect(() => serverHandshake().push(Uint8Array.of(first))).toThrow(
      expect.objectContaining({ code: 'handshake-version' }),
    );
  });
});
