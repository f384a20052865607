/** What breaks and comes back: receivers, encoders, the server, a relay. Real processes, real streams. */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { countContinuity } from '../kit/continuity.ts';
import { freePorts } from '../kit/free-ports.ts';
import type { FlowView, House } from '../kit/house.ts';
import { pushWithFfmpeg, receive, sizeOf, tryToPush } from '../kit/peers.ts';
import { expectWhole, inputPorts, openStage, type Stage, untilFlowing } from '../kit/stage.ts';
import { until } from '../kit/until.ts';

let stage: Stage;
let house: House;
const keep: Stage['keep'] = (program) => stage.keep(program);
const file: Stage['file'] = (name) => stage.file(name);

beforeAll(async () => {
  stage = await openStage();
  house = stage.house;
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

/** A running flow from one SRT input to the receivers' ports, with whatever `input` and `output` add. */
async function startFlow(ports: readonly number[], input: object = {}, output: object = {}): Promise<FlowView> {
  const link = { protocol: 'srt', latencyMs: 120 };
  const draft = {
    name: 'Story',
    regionId: 'europe',
    maxBitrate: 10_000_000,
    input: { ...link, name: 'Camera', ...input },
  };
  const { id } = await house.created('/flows', draft);
  const [primary, backup] = ports.map((port) => ({ host: '127.0.0.1', port }));
  const made = await house.api('POST', `/flows/${id}/outputs`, {
    ...link,
    name: 'Studio',
    regionId: 'europe',
    destinations: { primary, backup },
    ...output,
  });
  expect(made.status).toBe(201);
  expect((await house.api('POST', `/flows/${id}/start`)).status).toBe(200);
  return house.flow(id);
}

describe('a sender outside the allowlist', () => {
  it('is refused, and the console can say from where it called', async () => {
    const [port = 0] = await freePorts(1);
    const flow = await startFlow([port], { allowlist: ['203.0.113.0/24'] });
    const [primary] = inputPorts(flow);
    const encoder = await keep(pushWithFfmpeg([{ port: primary }], file('refused.ts'), 20));
    const incident = await until(
      'the refusal is shown',
      async () => (await house.flow(flow.id)).input.status.primary.incident,
    );
    expect(incident).toMatchObject({ code: 'address-not-allowed', peer: { address: '127.0.0.1' } });
    expect((await house.flow(flow.id)).input.status.primary.state).toBe('waiting');
    await encoder.end();
  });
});

describe('a receiver that is killed and comes back', () => {
  it('gets the stream again by itself', async () => {
    const [port = 0] = await freePorts(1);
    const flow = await startFlow([port]);
    await keep(pushWithFfmpeg([{ port: inputPorts(flow)[0] }], file('pushed.ts'), 60));
    const first = await keep(receive(port, file('before.ts')));
    await untilFlowing(house, flow.id);
    await first.end('SIGKILL');
    const down = await until('the output no longer shows Connected', async () => {
      const { primary } = (await house.flow(flow.id)).outputs[0]?.status ?? {};
      return primary?.state === 'waiting' && primary;
    });
    expect(down.condition).toMatch(/unacknowledged|dialling|backing-off/);
    await keep(receive(port, file('after.ts')));
    await until('media at the new receiver', () => sizeOf(file('after.ts')) > 500_000);
    expect(countContinuity(readFileSync(file('after.ts'))).errors).toBe(0);
  });
});

describe('an encoder that is killed and comes back', () => {
  it('is taken at once, and the receiver goes on', async () => {
    const [port = 0] = await freePorts(1);
    const flow = await startFlow([port]);
    const [primary] = inputPorts(flow);
    await keep(receive(port, file('received.ts')));
    const first = await keep(pushWithFfmpeg([{ port: primary }], file('first.ts'), 60));
    await untilFlowing(house, flow.id);
    await first.end('SIGKILL');
    await until(
      'the input shows that nothing comes',
      async () => (await house.flow(flow.id)).input.status.primary.state === 'waiting',
    );
    const before = sizeOf(file('received.ts'));
    await keep(pushWithFfmpeg([{ port: primary }], file('second.ts'), 60));
    await until('media of the new encoder', () => sizeOf(file('received.ts')) > before + 500_000);
    await untilFlowing(house, flow.id);
  });
});

describe('the server, killed while a flow runs', () => {
  it('costs no packet, and shows the flow running when it is back', async () => {
    const ports = await freePorts(2);
    const flow = await startFlow(ports);
    await keep(receive(ports[0] ?? 0, file('p.ts')));
    await keep(receive(ports[1] ?? 0, file('b.ts')));
    const encoder = await keep(
      pushWithFfmpeg(
        inputPorts(flow).map((port) => ({ port })),
        file('sent.ts'),
        12,
      ),
    );
    const before = await untilFlowing(house, flow.id);
    const old = house.serverPid();
    process.kill(old, 'SIGKILL');
    const after = await until('the flow is shown again', async () => {
      const seen = await house.flow(flow.id).catch(() => undefined);
      return seen?.outputs[0]?.status.primary.state === 'connected' && seen.state === 'running' && seen;
    });
    expect(house.serverPid()).not.toBe(old);
    expect(after.outputs[0]?.status.primary.since).toBe(before.outputs[0]?.status.primary.since);
    await encoder.ended;
    for (const name of ['p.ts', 'b.ts']) await expectWhole(file(name), file('sent.ts'));
  });
});

describe('stopping a flow', () => {
  it('frees its ports, and starting takes the same ones; deleting removes all', async () => {
    const [port = 0] = await freePorts(1);
    const flow = await startFlow([port]);
    expect(await isHeld(inputPorts(flow))).toEqual([true, true]);
    expect((await house.api('POST', `/flows/${flow.id}/stop`)).body).toMatchObject({ state: 'idle' });
    await untilFree(inputPorts(flow));
    await house.api('POST', `/flows/${flow.id}/start`);
    expect((await house.flow(flow.id)).input.addresses).toEqual(flow.input.addresses);
    expect(await isHeld(inputPorts(flow))).toEqual([true, true]);
    expect((await house.api('DELETE', `/flows/${flow.id}`)).status).toBe(409);
    await house.api('POST', `/flows/${flow.id}/stop`);
    expect((await house.api('DELETE', `/flows/${flow.id}`)).status).toBe(204);
    expect((await house.api('GET', `/flows/${flow.id}`)).status).toBe(404);
    await untilFree(inputPorts(flow));
  });

  it('and starting it again at once takes the same ports, though libsrt lets go of them late', async () => {
    const [port = 0] = await freePorts(1);
    const flow = await startFlow([port]);
    for (let round = 0; round < 3; round++) {
      await house.api('POST', `/flows/${flow.id}/stop`);
      await house.api('POST', `/flows/${flow.id}/start`);
    }
    const encoder = await keep(pushWithFfmpeg([{ port: inputPorts(flow)[0] }], file('again.ts'), 20));
    await keep(receive(port, file('again-received.ts')));
    await untilFlowing(house, flow.id);
    expect((await house.flow(flow.id)).input.status.primary.incident).toBeUndefined();
    await encoder.end();
  });
});

describe('a wrong passphrase', () => {
  it('is refused and named, and pushes nobody out', async () => {
    const [port = 0] = await freePorts(1);
    const flow = await startFlow([port], { encryption: { passphrase: 'the right words', keyLength: 256 } });
    const [primary] = inputPorts(flow);
    await keep(tryToPush({ port: primary, passphrase: 'the_wrong_words' }));
    const incident = await until(
      'the refusal is shown',
      async () => (await house.flow(flow.id)).input.status.primary.incident,
    );
    expect(incident.code).toBe('passphrase-wrong');
  });
});

/** libsrt keeps a closed port for up to three seconds. */
const untilFree = (ports: readonly number[]): Promise<true> =>
  until('the ports are free', async () => (await isHeld(ports)).every((held) => !held), 6);

/** Does somebody hold each UDP port? */
async function isHeld(ports: readonly number[]): Promise<boolean[]> {
  const table = readFileSync('/proc/net/udp', 'utf8');
  return ports.map((port) => new RegExp(`:${port.toString(16).toUpperCase().padStart(4, '0')} `).test(table));
}
