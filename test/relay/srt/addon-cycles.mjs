/**
 * Opens and closes the bare addon with data flowing, in this thread and in a Worker that is terminated.
 * For scripts/addon-check.mjs, which runs it under ASAN: node addon-cycles.mjs <path of srt.node>.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const path = isMainThread ? process.argv[2] : workerData;
const native = createRequire(import.meta.url)(path);
const link = {
  latencyMs: 60,
  connectTimeoutMs: 1000,
  idleTimeoutMs: 5000,
  bufferPackets: 2048,
  reorderTolerance: 0,
  keyBytes: 16,
  passphrase: 'correct horse battery',
  streamId: '',
};
const EVENT = { connected: 2, refused: 4 };

/** Resolves once `wanted` messages came through; the addon stays open. */
function flow(wanted) {
  return new Promise((resolve) => {
    let received = 0;
    let sender;
    const refusals = [];
    const onData = (_socket, _slab, _bytes, messages) => {
      received += messages;
      if (received < wanted || refusals.length === 0) return;
      clearInterval(sender);
      resolve({ out, refusals });
    };
    const onEvent = (kind, socket, cause) => {
      if (kind === EVENT.refused) refusals.push(cause);
      if (kind === EVENT.connected) sender = setInterval(send, 10, socket);
    };
    native.start(10, 8, onData, onEvent);
    const listener = native.listen('127.0.0.1', 0, link, ['127.0.0.1'], undefined, 1000);
    const out = native.dial('127.0.0.1', native.port(listener), link);
    native.dial('127.0.0.1', native.port(listener), { ...link, streamId: 'another', passphrase: 'not the same one' });
  });
}

function send(socket) {
  native.send(socket, new Uint8Array(20 * 1316), new Uint16Array(20).fill(1316), undefined);
}

if (isMainThread) {
  for (let round = 0; round < 4; round++) {
    const { out } = await flow(200);
    assert.equal(native.stats(out).pktSndDrop, 0);
    assert.throws(() => native.dial('nowhere', 1, link), { code: 'SRT_BAD_ADDRESS' });
    native.stop();
    native.stop();
    assert.throws(() => native.counters(), { code: 'SRT_CLOSED' });
  }
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: path });
  await once(worker, 'message');
  assert.throws(
    () =>
      native.start(
        10,
        8,
        () => {},
        () => {},
      ),
    { code: 'SRT_BUSY' },
  );
  await worker.terminate();
  await flow(100);
  native.stop();
} else {
  await flow(100);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a Worker's port has no origin.
  parentPort.postMessage('flowing');
}
