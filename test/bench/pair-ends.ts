/** Both ends of the pairs' bench in one process, so that one clock measures: who pushes, and who takes. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Protocol } from '../../relay/contract/settings.ts';
import { toPacketBatch } from '../../relay/media.ts';
import { dialRtmp } from '../../relay/rtmp/client.ts';
import { openRtmpServer } from '../../relay/rtmp/server.ts';
import { buildRtp } from '../../relay/rtp/packet.ts';
import type { Srt } from '../../relay/srt/socket.ts';
import { pictureIn, type Unit } from './pair-load.ts';

export const HOST = '127.0.0.1';
/** The least that may be asked for; each SRT leg holds every packet for so long. */
export const SRT_LATENCY_MS = 20;
export const STREAM_KEY = 'bench';
const srtLink = { host: HOST, latencyMs: SRT_LATENCY_MS, maxBitrate: 60_000_000 };

/** Told each picture that has arrived whole. */
type OnPicture = (picture: number) => void;

export interface Pusher {
  /** `last`: called when the unit's last byte has been handed over. */
  push(unit: Unit, last: () => void): void;
  close(): void;
}

export interface Taker {
  readonly port: number;
  close(): Promise<void>;
}

export async function openTaker(srt: Srt, protocol: Protocol, port: number, on: OnPicture): Promise<Taker> {
  const look = (bytes: Uint8Array): void => {
    const picture = pictureIn(bytes);
    if (picture !== undefined) on(picture);
  };
  if (protocol === 'srt') {
    const handlers = { accepted: () => {}, closed: () => {}, refused: () => {} };
    const options = { ...srtLink, port, allowlist: [`${HOST}/32`], giveWayMs: 1000 };
    const listener = srt.listen(options, { ...handlers, data: (_, { data }) => look(data) });
    return { port, close: async () => listener.close() };
  }
  if (protocol === 'rtp') {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
    socket.on('message', look);
    socket.bind(port, HOST);
    await once(socket, 'listening');
    return { port, close: async () => void socket.close() };
  }
  const handlers = {
    opened: () => {},
    closed: () => {},
    tag: ({ body }: { body: Uint8Array }) => look(body.subarray(-64)),
  };
  const authorize = () => ({ accept: true, slot: 'bench', handlers }) as const;
  return openRtmpServer({ host: HOST, port, authorize, refused: () => {} });
}

/** Where a relay takes RTMP: with or without a name of its own for the app. */
export async function openPusher(srt: Srt, protocol: Protocol, port: number, app: string): Promise<Pusher> {
  if (protocol === 'rtmp') return openRtmpPusher(`rtmp://${HOST}:${port}/${app}`);
  const send = protocol === 'srt' ? await openSrtSend(srt, port) : await openRtpSend(port);
  return {
    push: ({ packets }, last) => spread(packets, send.message, last),
    close: send.close,
  };
}

async function openRtmpPusher(url: string): Promise<Pusher> {
  const push = await new Promise<ReturnType<typeof dialRtmp>>((resolve, reject) => {
    const dialled = dialRtmp(
      { url, streamName: STREAM_KEY },
      { publishing: () => resolve(dialled), closed: ({ words }) => reject(new Error(words)) },
    );
  });
  return {
    push: ({ tag }, last) => {
      push.send(tag);
      last();
    },
    close: () => void push.close(),
  };
}

interface Send {
  readonly message: (bytes: Uint8Array) => void;
  readonly close: () => void;
}

async function openSrtSend(srt: Srt, port: number): Promise<Send> {
  const session = await new Promise<ReturnType<Srt['dial']>>((resolve, reject) => {
    srt.dial({ ...srtLink, port }, { connected: resolve, closed: (_, cause) => reject(new Error(cause)) });
  });
  return {
    message: (bytes) => void session.send(toPacketBatch(bytes, 0)),
    close: () => session.close(),
  };
}

async function openRtpSend(port: number): Promise<Send> {
  const socket = createSocket('udp4');
  socket.connect(port, HOST);
  await once(socket, 'connect');
  // "Nobody listens there" is how a relay that starts late is heard.
  socket.on('error', () => {});
  let sequence = 0;
  return {
    message: (bytes) => socket.send(buildRtp({ sequence: sequence++, timestamp: Date.now() * 90, ssrc: 7 }, bytes)),
    close: () => void socket.close(),
  };
}

const MESSAGE_BYTES = 1316;
/** At 20 Mbit/s a picture of ordinary size goes out in 24 ms. */
const MESSAGES_A_TICK = 10;
const TICK_MS = 2;

/** No more at a time than a socket's buffer holds: what a network does to a large picture. */
function spread(packets: Uint8Array, message: (bytes: Uint8Array) => void, last: () => void, from = 0): void {
  const end = Math.min(packets.length, from + MESSAGES_A_TICK * MESSAGE_BYTES);
  for (let at = from; at < end; at += MESSAGE_BYTES) message(packets.subarray(at, Math.min(at + MESSAGE_BYTES, end)));
  if (end >= packets.length) last();
  else setTimeout(() => spread(packets, message, last, end), TICK_MS);
}
