import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { AmfValue } from '../../../relay/rtmp/amf.ts';
import { ChunkReader } from '../../../relay/rtmp/chunk-reader.ts';
import { ChunkWriter } from '../../../relay/rtmp/chunk-writer.ts';
import { commandMessage, isCommand, parseCommand, type Command } from '../../../relay/rtmp/command.ts';
import { serverHandshake } from '../../../relay/rtmp/handshake.ts';
import { controlMessage, messageType, userControlMessage, type RtmpMessage } from '../../../relay/rtmp/message.ts';
import { hex, portOf, tag, until } from './kit.ts';
import { dial, key } from './peers.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

interface Actor {
  readonly socket: Socket;
  readonly heard: RtmpMessage[];
  readonly commands: Command[];
  reply(name: string, transaction: number, ...args: AmfValue[]): void;
  say(message: RtmpMessage): void;
}

type Script = (actor: Actor, command: Command) => void;

/** A server that shakes hands and leaves each command to the script. */
async function act(
  script: Script,
  onSocket: (socket: Socket) => void = () => {},
): Promise<{ url: string; actors: Actor[] }> {
  const actors: Actor[] = [];
  const server = createServer((socket) => {
    open.push({ close: () => socket.destroy() });
    socket.on('error', () => {});
    onSocket(socket);
    actors.push(actorOn(socket, script));
  });
  const serverPort = await portOf(server);
  open.push({ close: () => server.close() });
  return { url: `rtmp://127.0.0.1:${serverPort}/app`, actors };
}

function actorOn(socket: Socket, script: Script): Actor {
  const writer = new ChunkWriter();
  const shake = serverHandshake();
  const say = (message: RtmpMessage) => void socket.write(writer.write(3, message));
  const actor: Actor = {
    socket,
    heard: [],
    commands: [],
    say,
    reply: (name, transaction, ...args) => say(commandMessage({ name, transaction, object: null, args }, 1)),
  };
  const reader = new ChunkReader((message) => {
    actor.heard.push(message);
    if (!isCommand(message)) return;
    const command = parseCommand(message);
    actor.commands.push(command);
    script(actor, command);
  });
  reader.trust();
  let isUp = false;
  socket.on('data', (bytes: Uint8Array) => {
    if (isUp) return reader.push(bytes);
    const step = shake.push(bytes);
    socket.write(step.send);
    isUp = step.done;
    reader.push(step.rest);
  });
  return actor;
}

const status = (level: string, code: string, description = ''): AmfValue =>
  new Map(Object.entries({ level, code, description }));
const start = status('status', 'NetStream.Publish.Start');

/** Says yes to all, like a plain server that knows neither releaseStream nor FCPublish. */
const agree: Script = (actor, { name, transaction }) => {
  if (name === 'connect') actor.reply('_result', transaction, status('status', 'NetConnection.Connect.Success'));
  if (name === 'releaseStream' || name === 'FCPublish')
    actor.reply('_error', transaction, status('error', 'NetConnection.Call.Failed'));
  if (name === 'createStream') actor.reply('_result', transaction, 5);
  if (name === 'publish') actor.reply('onStatus', 0, start);
};

/** Like `agree`, but for the one command. */
const but =
  (command: string, other: Script): Script =>
  (actor, heard) =>
    heard.name === command ? other(actor, heard) : agree(actor, heard);

function dialTo(url: string, limits = {}, streamName = `${key}?auth=canary-query`) {
  const dialled = dial({ url, streamName, limits });
  open.push(dialled.push);
  return dialled;
}

describe('a push', () => {
  it('asks in the order encoders do, the key with its query as the name and never in tcUrl', async () => {
    const { url, actors } = await act(agree);
    const { publishing, servers } = dialTo(url);
    await publishing();
    expect(servers).toEqual([{ fourCcs: [] }]);
    const commands = actors[0]?.commands ?? [];
    expect(commands.map(({ name }) => name)).toEqual([
      'connect',
      'releaseStream',
      'FCPublish',
      'createStream',
      'publish',
    ]);
    expect(commands.at(-1)?.args).toEqual([`${key}?auth=canary-query`, 'live']);
    expect(commands[0]?.object).toEqual(
      expect.objectContaining(
        new Map([
          ['app', 'app'],
          ['tcUrl', url],
        ]),
      ),
    );
    expect(Buffer.from(actors[0]?.heard.find(isCommand)?.payload ?? []).toString()).not.toContain('canary');
  });

  it('writes media to the stream the server gave it', async () => {
    const { url, actors } = await act(agree);
    const { publishing, push } = dialTo(url);
    await publishing();
    push.send(tag('keyframe', 40));
    await until(() => actors[0]?.heard.at(-1)?.typeId === messageType.video, 'video');
    expect(actors[0]?.heard.at(-1)).toMatchObject({ streamId: 5, timestampMs: 40 });
  });

  it('answers a ping, and acknowledges what it receives', async () => {
    const { url, actors } = await act(
      but('publish', (actor) => {
        actor.say(controlMessage(messageType.windowSize, 1_000));
        actor.say(userControlMessage(6, 0x01020304));
        actor.reply('onStatus', 0, start);
      }),
    );
    await dialTo(url).publishing();
    const heard = () => actors[0]?.heard ?? [];
    await until(() => heard().some(({ typeId }) => typeId === messageType.acknowledgement), 'an acknowledgement');
    const pong = heard().find(({ typeId }) => typeId === messageType.userControl);
    expect(Buffer.from(pong?.payload ?? [])).toEqual(hex('0007 01020304'));
  });

  it('drops media before the server has accepted it', async () => {
    const { url } = await act(but('publish', () => {}));
    const { push } = dialTo(url);
    expect(push.send(tag('keyframe', 0))).toBe('dropped');
  });

  it('takes its stream back at close, after what waits', async () => {
    const { url, actors } = await act(agree);
    const { publishing, push, end } = dialTo(url);
    await publishing();
    for (let i = 0; i < 50; i += 1) push.send(tag('keyframe', i * 40, 20_000));
    await push.close();
    expect((await end()).cause).toBe('closed');
    const heard = actors[0]?.heard ?? [];
    expect(heard.filter(({ typeId }) => typeId === messageType.video)).toHaveLength(50);
    expect(actors[0]?.commands.slice(-2).map(({ name, args }) => [name, args[0]])).toEqual([
      ['FCUnpublish', `${key}?auth=canary-query`],
      ['deleteStream', 5],
    ]);
  });

  it('that is closed while it dials ends with that cause alone', async () => {
    const { url } = await act(agree);
    const { push, ends } = dialTo(url);
    await push.close();
    expect(ends.map(({ cause }) => cause)).toEqual(['closed']);
  });
});

describe('a push that fails says at which stage', () => {
  const refuse =
    (name: string, ...args: AmfValue[]): Script =>
    (actor, { transaction }) =>
      actor.reply(name, transaction, ...args);
  const badName = status('error', 'NetStream.Publish.BadName', `publish: ${key}?auth=canary-query is taken`);

  it.each<[string, Script, string, string | undefined]>([
    [
      'connect is refused',
      but('connect', refuse('_error', status('error', 'NetConnection.Connect.Rejected'))),
      'connect-refused',
      'NetConnection.Connect.Rejected',
    ],
    [
      'createStream is refused',
      but('createStream', refuse('_error', status('error', 'NetConnection.Call.Failed'))),
      'publish-refused',
      'NetConnection.Call.Failed',
    ],
    ['publish is refused', but('publish', refuse('onStatus', badName)), 'publish-refused', 'NetStream.Publish.BadName'],
    [
      'the server hangs up before publish',
      but('publish', (actor) => void actor.socket.end()),
      'closed-before-publish',
      undefined,
    ],
    [
      'the server hangs up later',
      but('publish', (actor) => {
        actor.reply('onStatus', 0, start);
        actor.socket.end();
      }),
      'peer-closed',
      undefined,
    ],
    [
      'the server stops the stream',
      but('publish', (actor) => {
        actor.reply('onStatus', 0, start);
        actor.reply('onStatus', 0, badName);
      }),
      'stopped-by-peer',
      'NetStream.Publish.BadName',
    ],
    [
      'the server speaks nonsense',
      but('connect', (actor) => void actor.socket.write(Buffer.alloc(64, 0xff))),
      'protocol-fault',
      'chunk-without-header',
    ],
    [
      'the server claims an endless message',
      but('connect', (actor) => void actor.socket.write(hex('04 000000 ffffff 14 00000000'))),
      'protocol-fault',
      'message-too-long',
    ],
  ])('when %s', async (_when, script, cause, code) => {
    const { url } = await act(script);
    const end = await dialTo(url).end();
    expect([end.cause, end.code]).toEqual([cause, code]);
    expect(JSON.stringify(end)).not.toContain('canary');
  });

  it('when the server shakes no hands, or never answers publish', async () => {
    const mute = createServer(() => {});
    const mutePort = await portOf(mute);
    open.push({ close: () => mute.close() });
    const muteUrl = `rtmp://127.0.0.1:${mutePort}/app`;
    expect((await dialTo(muteUrl, { handshakeMs: 50 }).end()).cause).toBe('handshake-timeout');
    const { url } = await act(but('publish', () => {}));
    expect((await dialTo(url, { publishMs: 50 }).end()).cause).toBe('publish-timeout');
  });

  it('when the server is HTTP', async () => {
    const { url } = await act(agree, (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect((await dialTo(url).end()).cause).toBe('handshake-failed');
  });

  it('when there is no such host, no listener, no such URL, or no permission', async () => {
    const unused = createServer();
    const unusedPort = await portOf(unused);
    await new Promise((resolve) => unused.close(resolve));
    expect((await dialTo('rtmp://no-such-host.invalid/app').end()).cause).toBe('dns-failed');
    expect(await dialTo(`rtmp://127.0.0.1:${unusedPort}/app`).end()).toMatchObject({
      cause: 'tcp-failed',
      code: 'ECONNREFUSED',
    });
    expect((await dialTo('http://127.0.0.1/app').end()).cause).toBe('url-invalid');
    const denied = dial({ url: 'rtmp://localhost/app/key', permits: (address) => !/^(127\.|::1$)/.test(address) });
    expect((await denied.end()).cause).toBe('address-not-permitted');
  });
});

describe('an address that may not be sent to', () => {
  it.each(['127.1', '0x7f000001', '2130706433', '0177.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '[::1]'])(
    'is known as loopback when spelled %s',
    async (host) => {
      const permits = (address: string) => !/^127\.|^::1$/.test(address);
      const { end } = dial({ url: `rtmp://${host}:1935/app/key`, permits });
      expect((await end()).cause).toBe('address-not-permitted');
    },
  );
});

describe('a push to a slow server', () => {
  it('holds no more than its bounds, drops to a key frame, counts, and goes on when the server reads again', async () => {
    const { url, actors } = await act(agree);
    const { publishing, push } = dialTo(url, { queueBytes: 1_000_000, queueMs: 2_000 });
    await publishing();
    const actor = actors[0];
    actor?.socket.pause();
    let most = 0;
    for (let i = 0; i < 1_500; i += 1) {
      push.send(tag(i % 25 === 0 ? 'keyframe' : 'frame', i * 40, 20_000));
      most = Math.max(most, push.figures().waitingBytes);
      if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(most).toBeLessThan(1_200_000);
    expect(push.figures().droppedTags).toBeGreaterThan(100);
    actor?.socket.resume();
    await until(() => push.figures().waitingBytes === 0, 'the queue drains');
    push.send(tag('keyframe', 60_000, 20_000));
    const video = () => (actor?.heard ?? []).filter(({ typeId }) => typeId === messageType.video);
    await until(() => video().at(-1)?.timestampMs === 60_000, 'the last frame');
    expectOnlyGapsBeforeKeyFrames(video());
  });

  it('that takes nothing at all is given up', async () => {
    const { url, actors } = await act(agree);
    const { publishing, push, end } = dialTo(url, { stallMs: 100 });
    await publishing();
    actors[0]?.socket.pause();
    for (let i = 0; i < 1_500; i += 1) push.send(tag('keyframe', i * 40, 20_000));
    expect((await end()).cause).toBe('stalled');
  });
});

/** After each gap in time the first frame is a key frame. */
function expectOnlyGapsBeforeKeyFrames(video: readonly RtmpMessage[]): void {
  const isAfterGap = (message: RtmpMessage, i: number) => message.timestampMs - (video[i - 1]?.timestampMs ?? 0) !== 40;
  const first = video.slice(1).filter((message, i) => isAfterGap(message, i + 1));
  expect(first.every(({ payload }) => payload[0] === 0x17)).toBe(true);
}
