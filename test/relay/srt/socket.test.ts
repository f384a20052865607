import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSrt, type Srt } from '../../../relay/srt/socket.ts';
import { batchOf, encryption, eventually, Inlet, Outlet, secret, takenPort } from './bench.ts';

let srt: Srt;
const encoders: ChildProcess[] = [];
beforeAll(() => {
  srt = openSrt({ slabs: 16 });
});
afterAll(async () => {
  for (const encoder of encoders) encoder.kill('SIGKILL');
  await srt.close();
});

const TS_MESSAGE = 1316;

async function connect(inlet: Inlet, options: ConstructorParameters<typeof Outlet>[2] = {}): Promise<Outlet> {
  const outlet = new Outlet(srt, inlet.listener.port, options);
  await eventually(() => expect(outlet.connected).toBe(true));
  return outlet;
}

describe('a link', () => {
  it('carries messages of every length byte for byte, with their boundaries', async () => {
    const inlet = new Inlet(srt);
    const outlet = await connect(inlet);
    const sent = batchOf(1, 188, TS_MESSAGE, 1317, 1456, 7);
    expect(outlet.session.send(sent)).toBe(6);
    await eventually(() => expect(inlet.lengths).toEqual([1, 188, TS_MESSAGE, 1317, 1456, 7]));
    expect(inlet.data).toEqual(Buffer.from(sent.data));
    inlet.listener.close();
  });

  it('counts a message longer than 1456 bytes as not taken and takes those around it', async () => {
    const inlet = new Inlet(srt);
    const outlet = await connect(inlet);
    const before = srt.counters().sendRefused;
    expect(outlet.session.send(batchOf(188, 1457, 188))).toBe(2);
    expect(srt.counters().sendRefused - before).toBe(1);
    inlet.listener.close();
  });

  it('passes due times on, so that a second hop keeps the spacing of the first', async () => {
    const inlet = new Inlet(srt);
    const outlet = await connect(inlet);
    const start = process.hrtime.bigint() / 1000n;
    const dues = BigInt64Array.from([start, start + 4_000n, start + 9_000n]);
    expect(outlet.session.send({ ...batchOf(188, 188, 188), dues })).toBe(3);
    await eventually(() => expect(inlet.dues).toHaveLength(3));
    const gaps = inlet.dues.slice(1).map((due, i) => Number(due - (inlet.dues[i] ?? 0n)));
    expect(gaps).toEqual([4_000, 5_000]);
    inlet.listener.close();
  });

  it('sends a message that was due before it was connected at once, without its time', async () => {
    const inlet = new Inlet(srt);
    const outlet = await connect(inlet);
    expect(outlet.session.send({ ...batchOf(188), dues: BigInt64Array.of(1n) })).toBe(1);
    await eventually(() => expect(inlet.lengths).toEqual([188]));
    inlet.listener.close();
  });

  it('takes nothing before it is connected', () => {
    const inlet = new Inlet(srt);
    const outlet = new Outlet(srt, inlet.listener.port);
    expect(outlet.session.send(batchOf(188))).toBe(0);
    expect(outlet.session.stats()).toBeUndefined();
    expect(outlet.session.link()).toBeUndefined();
    outlet.session.close();
    inlet.listener.close();
  });

  it('tells latency and key as negotiated: the larger latency, the listener’s key length', async () => {
    const inlet = new Inlet(srt, { encryption: { passphrase: secret, keyLength: 256 }, latencyMs: 80 });
    const outlet = await connect(inlet, { encryption, latencyMs: 200 });
    const agreed = { latencyMs: 200, encrypted: true, keyLength: 256 };
    await eventually(() => expect(inlet.sessions[0]?.link()).toEqual(agreed));
    expect(outlet.session.link()).toEqual(agreed);
    inlet.listener.close();
  });

  it('is measured on both ends, and the sender sees the receiver acknowledge', async () => {
    const inlet = new Inlet(srt);
    const outlet = await connect(inlet);
    outlet.session.send(batchOf(TS_MESSAGE, TS_MESSAGE));
    await eventually(() => expect(inlet.lengths).toHaveLength(2));
    expect(inlet.sessions[0]?.stats()?.received).toMatchObject({ unique: 2, dropped: 0, latencyMs: 60 });
    // A second reading adds to the first, though libsrt's own counts were cleared by it.
    outlet.session.send(batchOf(TS_MESSAGE));
    await eventually(() => expect(inlet.sessions[0]?.stats()?.received.unique).toBe(3));
    await eventually(() => expect(outlet.session.stats()?.sent.acks).toBeGreaterThan(0));
    expect(outlet.session.stats()?.sent).toMatchObject({ unique: 3, bytes: 3 * (TS_MESSAGE + 44), dropped: 0 });
    inlet.listener.close();
  });

  it('runs over IPv6, and a listener on :: shows an IPv4 caller as IPv4', async () => {
    const inlet = new Inlet(srt, { host: '::', allowlist: ['127.0.0.0/8', '::1'] });
    await connect(inlet);
    await eventually(() => expect(inlet.sessions[0]?.peer.address).toBe('127.0.0.1'));
    await eventually(() => expect(inlet.sessions).toHaveLength(1));
    inlet.listener.close();
    const second = new Inlet(srt, { host: '::1', allowlist: ['::1'] });
    await connect(second, { host: '::1' });
    await eventually(() => expect(second.sessions[0]?.peer.address).toBe('::1'));
    second.listener.close();
  });

  it('dials a host by name', async () => {
    const inlet = new Inlet(srt, { host: '::', allowlist: ['127.0.0.1', '::1'] });
    const outlet = await connect(inlet, { host: 'localhost' });
    expect(['127.0.0.1', '::1']).toContain(outlet.session.peer.address);
    inlet.listener.close();
  });

  it('shares one local port with every other dialled link', async () => {
    const first = new Inlet(srt);
    const second = new Inlet(srt);
    await Promise.all([connect(first), connect(second)]);
    await eventually(() => expect([...first.sessions, ...second.sessions]).toHaveLength(2));
    expect(first.sessions[0]?.peer.port).toBe(second.sessions[0]?.peer.port);
    first.listener.close();
    second.listener.close();
  });
});

describe('a listener refuses, with one cause for one caller,', () => {
  const cases = [
    { cause: 'address-not-allowed', listen: { allowlist: ['10.0.0.0/8', '::/0'] }, dial: {} },
    { cause: 'stream-id-wrong', listen: { streamId: 'studio' }, dial: { streamId: 'studio2' } },
    {
      cause: 'passphrase-wrong',
      listen: { encryption },
      dial: { encryption: { ...encryption, passphrase: 'x'.repeat(10) } },
    },
    { cause: 'passphrase-missing', listen: { encryption }, dial: {} },
    { cause: 'passphrase-unexpected', listen: {}, dial: { encryption } },
  ] as const;

  it.each(cases)('$cause, and the caller learns it', async ({ cause, listen, dial }) => {
    const inlet = new Inlet(srt, listen);
    const outlet = new Outlet(srt, inlet.listener.port, dial);
    await eventually(() => expect(outlet.closed).toEqual([`refused:${cause}`]));
    await eventually(() => expect(inlet.refused).toEqual([cause]));
    expect(inlet.sessions).toEqual([]);
    inlet.listener.close();
  });

  it('also when a good caller came on the same port before', async () => {
    const inlet = new Inlet(srt, { encryption, giveWayMs: 0 });
    await connect(inlet, { encryption });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const wrong = new Outlet(srt, inlet.listener.port, { encryption: { ...encryption, passphrase: 'not the same' } });
    await eventually(() => expect(wrong.closed).toEqual(['refused:passphrase-wrong']));
    await eventually(() => expect(inlet.refused).toEqual(['passphrase-wrong']));
    expect(inlet.closed).toEqual([]);
    inlet.listener.close();
  });

  it('and counts the part of a flood that it does not tell', async () => {
    const inlet = new Inlet(srt, { allowlist: [] });
    const before = srt.counters().refusalsUnreported;
    const callers = Array.from({ length: 150 }, () => new Outlet(srt, inlet.listener.port));
    await eventually(() => expect(callers.every((caller) => caller.closed.length === 1)).toBe(true));
    // A caller that missed the answer asks again and is refused again, so there may be a few more.
    expect(inlet.refused.length + srt.counters().refusalsUnreported - before).toBeGreaterThanOrEqual(150);
    inlet.listener.close();
  });
});

describe('a second caller', () => {
  it('is refused while the first one sends', async () => {
    const inlet = new Inlet(srt);
    const first = await connect(inlet);
    const sender = setInterval(() => first.session.send(batchOf(188)), 20);
    await eventually(() => expect(inlet.lengths.length).toBeGreaterThan(20));
    const second = new Outlet(srt, inlet.listener.port);
    await eventually(() => expect(second.closed).toEqual(['refused:already-in-use']));
    clearInterval(sender);
    expect(inlet.refused).toEqual(['already-in-use']);
    expect(inlet.sessions).toHaveLength(1);
    inlet.listener.close();
  });

  it('replaces a first one that has fallen silent', async () => {
    const inlet = new Inlet(srt);
    const first = await connect(inlet);
    await eventually(() => expect(inlet.sessions).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 500));
    await connect(inlet);
    await eventually(() => expect(inlet.closed).toEqual(['gave-way']));
    await eventually(() => expect(first.closed).toEqual(['peer-closed']));
    expect(inlet.sessions).toHaveLength(2);
    inlet.listener.close();
  });

  it('with a wrong passphrase does not push the silent one out', async () => {
    const inlet = new Inlet(srt, { encryption, giveWayMs: 0 });
    const first = await connect(inlet, { encryption });
    await new Promise((resolve) => setTimeout(resolve, 200));
    const second = new Outlet(srt, inlet.listener.port);
    await eventually(() => expect(second.closed).toEqual(['refused:passphrase-missing']));
    expect(first.session.send(batchOf(188))).toBe(1);
    await eventually(() => expect(inlet.lengths).toEqual([188]));
    expect(inlet.closed).toEqual([]);
    inlet.listener.close();
  });
});

describe('a link ends', () => {
  it('at once on the far side when one side closes it', async () => {
    const inlet = new Inlet(srt);
    const outlet = await connect(inlet);
    await eventually(() => expect(inlet.sessions).toHaveLength(1));
    outlet.session.close();
    outlet.session.close();
    await eventually(() => expect(inlet.closed).toEqual(['peer-closed']));
    expect(outlet.closed).toEqual(['local']);
    inlet.listener.close();
  });

  it('when its listener is closed, whose port is free again at once', async () => {
    const inlet = new Inlet(srt);
    const outlet = await connect(inlet);
    await eventually(() => expect(inlet.sessions).toHaveLength(1));
    inlet.listener.close();
    await eventually(() => expect(outlet.closed).toEqual(['peer-closed']));
    expect(inlet.closed).toEqual(['local']);
    const again = new Inlet(srt, { port: inlet.listener.port });
    await connect(again);
    again.listener.close();
  });

  it('when its address is taken off the allowlist, and not when another one is', async () => {
    const inlet = new Inlet(srt, { allowlist: ['127.0.0.1', '192.0.2.0/24'] });
    await connect(inlet);
    await eventually(() => expect(inlet.sessions).toHaveLength(1));
    inlet.listener.setAllowlist(['127.0.0.0/8']);
    expect(inlet.closed).toEqual([]);
    inlet.listener.setAllowlist(['192.0.2.0/24']);
    await eventually(() => expect(inlet.closed).toEqual(['address-not-allowed']));
    inlet.listener.close();
  });

  it('with a silence when the peer is killed', async () => {
    const inlet = new Inlet(srt);
    const peer = startEncoder(inlet.listener.port, { seconds: 60 });
    await eventually(() => expect(inlet.lengths.length).toBeGreaterThan(10));
    peer.kill('SIGKILL');
    await eventually(() => expect(inlet.closed).toEqual(['peer-silent']));
    inlet.listener.close();
  }, 20_000);

  it('in a timeout when nobody answers the dial', async () => {
    const { port, free } = await takenPort();
    const outlet = new Outlet(srt, port, { connectTimeoutMs: 300 });
    await eventually(() => expect(outlet.closed).toEqual(['timeout']));
    free();
  });

  it('before it began when the host name is not known', async () => {
    const outlet = new Outlet(srt, 9000, { host: 'nowhere.invalid' });
    await eventually(() => expect(outlet.closed).toEqual(['unknown-host']));
  });
});

describe('opening fails at once, with a code,', () => {
  const failure = (act: () => unknown): unknown => {
    try {
      act();
    } catch (error) {
      return error;
    }
    return undefined;
  };

  it('when the port is in use by somebody else, or by us', async () => {
    const { port, free } = await takenPort();
    expect(failure(() => new Inlet(srt, { port }))).toMatchObject({ code: 'SRT_PORT_IN_USE' });
    free();
    const inlet = new Inlet(srt);
    expect(failure(() => new Inlet(srt, { port: inlet.listener.port }))).toMatchObject({ code: 'SRT_PORT_IN_USE' });
    inlet.listener.close();
  });

  it('when the passphrase is too short, without telling it', () => {
    const error = failure(() => new Inlet(srt, { encryption: { passphrase: 'tooshort', keyLength: 128 } }));
    expect(error).toMatchObject({ code: 'SRT_BAD_OPTION', message: 'A passphrase has 10 to 79 bytes.' });
  });

  it.each(['10.0.0.0/33', '10.0.0/8', '2001:db8::/129', '10.0.0.0/-1', ''])(
    'when %j is on the allowlist',
    (network) => {
      expect(failure(() => new Inlet(srt, { allowlist: [network] }))).toMatchObject({ code: 'SRT_BAD_NETWORK' });
    },
  );

  it('when SRT is open in this process already', () => {
    expect(failure(() => openSrt())).toMatchObject({ code: 'SRT_BUSY' });
  });
});

describe('while the event loop is blocked', () => {
  it('loses nothing that the buffers hold', async () => {
    const inlet = new Inlet(srt);
    const peer = startEncoder(inlet.listener.port, { seconds: 3 });
    await eventually(() => expect(inlet.lengths.length).toBeGreaterThan(200));
    const until = performance.now() + 800;
    while (performance.now() < until);
    await once(peer, 'exit');
    await eventually(() => expect(inlet.closed).toEqual(['peer-closed']));
    expect(continuityErrors(inlet.data)).toBe(0);
    inlet.listener.close();
  }, 20_000);
});

/** ffmpeg, sending 5 Mbit/s of MPEG-TS in real time as a caller. */
function startEncoder(port: number, { seconds }: { seconds: number }): ChildProcess {
  const picture = `-re -f lavfi -i testsrc=r=25:s=640x360 -t ${seconds}`;
  const coding = '-c:v mpeg2video -b:v 4M -minrate 4M -maxrate 4M -bufsize 1M -muxrate 5M -f mpegts';
  const url = `srt://127.0.0.1:${port}?mode=caller&latency=60000`;
  const args = ['-v', 'error', ...picture.split(' '), ...coding.split(' '), url];
  const child = spawn('ffmpeg', args, { stdio: 'ignore' });
  encoders.push(child);
  return child;
}

/** Jumps of the 4-bit counter of each PID: ISO 13818-1 section 2.4.3.3. */
function continuityErrors(data: Buffer): number {
  const last = new Map<number, number>();
  let errors = 0;
  for (let at = 0; at < data.length; at += 188) {
    const pid = data.readUInt16BE(at + 1) & 0x1fff;
    const flags = data.readUInt8(at + 3);
    if (pid === 0x1fff || (flags & 0x10) === 0) continue;
    const before = last.get(pid);
    if (before !== undefined && ((before + 1) & 15) !== (flags & 15)) errors++;
    last.set(pid, flags & 15);
  }
  return errors;
}
