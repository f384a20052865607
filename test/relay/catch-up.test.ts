import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { afterReading } from '../../relay/catch-up.ts';

const HELD_MS = 400;
/** More than a turn of the loop reads, less than the smallest default of a receive buffer holds. */
const DATAGRAMS = 80;

let receiver: ReturnType<typeof createSocket>;
let sender: ReturnType<typeof createSocket>;
let got = 0;
beforeEach(async () => {
  got = 0;
  receiver = createSocket('udp4').on('message', () => {
    got += 1;
  });
  sender = createSocket('udp4');
  receiver.bind(0, '127.0.0.1');
  await once(receiver, 'listening');
});
afterEach(() => {
  receiver.close();
  sender.close();
});

function holdTheLoop(): void {
  const payload = Buffer.alloc(1316);
  for (let sent = 0; sent < DATAGRAMS; sent++) sender.send(payload, receiver.address().port, '127.0.0.1');
  const until = performance.now() + HELD_MS;
  while (performance.now() < until);
}

it('a measurement that is late has all that came meanwhile', async () => {
  await new Promise<void>((resolve) => {
    setTimeout(() => holdTheLoop(), 0);
    setTimeout(() => afterReading(HELD_MS, resolve), 1);
  });
  expect(got).toBe(DATAGRAMS);
});

it('a measurement that is called off does not happen', async () => {
  let happened = false;
  afterReading(HELD_MS, () => {
    happened = true;
  })();
  await new Promise<void>((resolve) => {
    afterReading(HELD_MS * 2, resolve);
  });
  expect(happened).toBe(false);
});
