import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { encodeAmf, type AmfValue } from '../../../relay/rtmp/amf.ts';
import { ChunkReader } from '../../../relay/rtmp/chunk-reader.ts';
import { ChunkWriter } from '../../../relay/rtmp/chunk-writer.ts';
import { isCommand, parseCommand, type Command } from '../../../relay/rtmp/command.ts';
import { handshakeBytes } from '../../../relay/rtmp/handshake.ts';
import { tag, until } from './kit.ts';
import { dial, key, openStage, type Stage, type StageOptions } from './peers.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function stageOf(options: StageOptions = {}): Promise<Stage> {
  const stage = await openStage(options);
  open.push(stage.server);
  return stage;
}

function dialTo(stage: Stage, name = key) {
  const dialled = dial({ url: stage.url, streamName: name });
  open.push(dialled.push);
  return dialled;
}

/** A peer that speaks by hand: commands as it likes, replies collected. */
class Stranger {
  readonly heard: Command[] = [];
  readonly socket: Socket;
  readonly #writer = new ChunkWriter();
  #skip = 1 + 2 * handshakeBytes;
  isClosed = false;

  constructor(stage: Stage) {
    this.socket = connect(stage.server.port, '127.0.0.1');
    open.push({ close: () => this.socket.destroy() });
    const reader = new ChunkReader((message) => {
      if (isCommand(message)) this.heard.push(parseCommand(message));
    });
    this.socket.on('data', (bytes: Uint8Array) => {
      const skipped = Math.min(this.#skip, bytes.length);
      this.#skip -= skipped;
      reader.push(bytes.subarray(skipped));
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.isClosed = true;
    });
  }

  shakeHands(): void {
    const block = Buffer.alloc(handshakeBytes);
    this.socket.write(Buffer.concat([Uint8Array.of(3), block, block]));
  }

  say(typeId: number, streamId: number, ...values: AmfValue[]): void {
    const lead = typeId === 17 ? Uint8Array.of(0) : new Uint8Array(0);
    const payload = Buffer.concat([lead, encodeAmf(...values)]);
    this.socket.write(this.#writer.write(3, { typeId, streamId, timestampMs: 0, payload }));
  }

  connect(app: AmfValue = 'live', tcUrl: AmfValue = 'rtmp://x/live'): void {
    this.shakeHands();
    this.say(
      20,
      0,
      'connect',
      1,
      new Map<string, AmfValue>([
        ['app', app],
        ['tcUrl', tcUrl],
      ]),
    );
  }
}

const hears = (stranger: Stranger, name: string) =>
  until(() => stranger.heard.some((command) => command.name === name), `the peer hears ${name}`);

describe('publishing to the RTMP server', () => {
  it('hands on each tag as it was sent', async () => {
    const stage = await stageOf();
    const { push, publishing } = dialTo(stage);
    await publishing();
    const sent = [
      tag('metadata', 0),
      tag('videoHeader', 0),
      tag('audioHeader', 0),
      tag('keyframe', 0, 200_000),
      tag('audio', 11),
    ];
    expect(sent.map((one) => push.send(one))).toEqual(Array(5).fill('sent'));
    await until(() => stage.tags.length === 5, 'five tags');
    expect(stage.tags).toEqual(sent);
    for (let i = 0; i < 20; i += 1) push.send(tag('keyframe', i * 40, 100_000));
    await until(() => push.figures().acknowledgedBytes > 1_250_000, 'an acknowledgement');
  });

  it('tells codecs by fourCC to a peer that names its own', async () => {
    const stage = await stageOf();
    const { servers, publishing } = dialTo(stage);
    await publishing();
    expect(servers[0]?.fourCcs).toContain('hvc1');
  });

  it('is ended properly by FCUnpublish and deleteStream', async () => {
    const stage = await stageOf();
    const { push, publishing, ends } = dialTo(stage);
    await publishing();
    await push.close();
    await until(() => stage.closed.length === 1, 'the end of the publisher');
    expect([stage.closed, ends.map(({ cause }) => cause)]).toEqual([['unpublished'], ['closed']]);
    expect(stage.server.counters()).toMatchObject({ publishers: 0, accepted: 1, refused: 0 });
  });

  it('is told apart from others by app and key on one port', async () => {
    const stage = await stageOf();
    const { push, publishing } = dialTo(stage, `flv:${key}?token=x`);
    await publishing();
    push.send(tag('audio', 1));
    await until(() => stage.tags.length === 1, 'a tag');
    const wrong = dialTo(stage, 'other');
    expect((await wrong.end()).code).toBe('NetStream.Publish.BadName');
  });

  it('hears an answer to every call that encoders make, AMF3 framed ones too', async () => {
    const stage = await stageOf();
    const stranger = new Stranger(stage);
    stranger.connect();
    const calls = ['releaseStream', 'FCPublish', 'createStream', '_checkbw', 'getStreamLength', 'FCSubscribe'];
    calls.forEach((call, i) => stranger.say(i % 2 === 0 ? 20 : 17, 0, call, i + 2, null, key));
    await until(() => stranger.heard.length >= 7, 'seven answers');
    expect(stranger.heard.map(({ name, transaction }) => [name, transaction])).toEqual(
      [1, 2, 3, 4, 5, 6, 7].map((transaction) => ['_result', transaction]),
    );
  });

  it('hears onFCPublish before onStatus where it sent FCPublish, as FMLE waits for it', async () => {
    const stage = await stageOf();
    const stranger = new Stranger(stage);
    stranger.connect();
    stranger.say(20, 0, 'FCPublish', 2, null, key);
    stranger.say(20, 0, 'createStream', 3, null);
    stranger.say(20, 1, 'publish', 0, null, key, 'live');
    await hears(stranger, 'onStatus');
    expect(stranger.heard.map(({ name }) => name).slice(-2)).toEqual(['onFCPublish', 'onStatus']);
  });

  it('goes on when the handler is slow to be told and media follows publish in the same read', async () => {
    const stage = await stageOf();
    const stranger = new Stranger(stage);
    stranger.connect();
    stranger.say(20, 0, 'createStream', 2, null);
    stranger.say(20, 1, 'publish', 0, null, key, 'live');
    stranger.say(18, 1, '@setDataFrame', 'onMetaData', new Map());
    await until(() => stage.tags.length === 1, 'the metadata');
    expect(stage.tags[0]?.kind).toBe('data');
  });
});

describe('the RTMP server refuses', () => {
  it.each([
    ['flow-stopped', 'NetStream.Publish.Denied'],
    ['address-not-allowed', 'NetStream.Publish.Denied'],
  ] as const)('a publisher with %s as the cause it reports', async (verdict, code) => {
    const stage = await stageOf({ verdict });
    const { end } = dialTo(stage);
    expect(await end()).toMatchObject({ cause: 'publish-refused', code });
    expect(stage.refused).toMatchObject([{ address: '127.0.0.1', cause: verdict }]);
  });

  it('a wrong key once, naming peer and cause but no key', async () => {
    const stage = await stageOf();
    const { end } = dialTo(stage, 'wrong-canary?and=query');
    expect(await end()).toMatchObject({ cause: 'publish-refused', code: 'NetStream.Publish.BadName' });
    expect(stage.refused).toMatchObject([{ address: '127.0.0.1', cause: 'stream-key-wrong' }]);
    expect(stage.refused[0]?.port).toBeGreaterThan(0);
    expect(JSON.stringify([stage.refused, await end()])).not.toContain('canary');
  });

  it('an app at connect when the caller says so', async () => {
    const stage = await stageOf({ connecting: () => 'app-unknown' });
    const { end } = dialTo(stage);
    expect(await end()).toMatchObject({ cause: 'connect-refused', code: 'NetConnection.Connect.Rejected' });
    expect(stage.refused.map(({ cause }) => cause)).toEqual(['app-unknown']);
  });

  it('an address outside every allowlist at accept', async () => {
    const stage = await stageOf({ admits: () => false });
    expect((await dialTo(stage).end()).cause).toBe('handshake-failed');
    expect(stage.refused.map(({ cause }) => cause)).toEqual(['address-not-allowed']);
  });

  it('one connection too many from an address, and lets the next in when one has left', async () => {
    const stage = await stageOf({ limits: { connectionsPerAddress: 1 } });
    const first = dialTo(stage);
    await first.publishing();
    expect((await dialTo(stage).end()).cause).toBe('handshake-failed');
    expect(stage.refused.map(({ cause }) => cause)).toEqual(['over-caller-limit']);
    await first.push.close();
    await until(() => stage.server.counters().connections === 0, 'an empty server');
    const third = dialTo(stage);
    await third.publishing();
    expect(third.servers).toHaveLength(1);
  });

  it('to play, politely', async () => {
    const stage = await stageOf();
    const stranger = new Stranger(stage);
    stranger.connect();
    stranger.say(20, 0, 'createStream', 2, null);
    stranger.say(20, 1, 'play', 0, null, key);
    await hears(stranger, 'onStatus');
    await until(() => stranger.isClosed, 'the connection closes');
    expect(stage.refused.map(({ cause }) => cause)).toEqual(['play-not-offered']);
  });

  it.each([
    ['a peer that never shakes hands', { handshakeMs: 40 }, 'handshake-timeout', () => {}],
    [
      'a peer that never publishes',
      { handshakeMs: 40, publishMs: 80 },
      'publish-timeout',
      (s: Stranger) => s.connect(),
    ],
    ['a peer that speaks TLS', {}, 'handshake-version', (s: Stranger) => s.socket.write(Uint8Array.of(22, 3, 1))],
    ['a peer that leaves before it published', {}, 'peer-closed', (s: Stranger) => s.socket.end()],
    [
      'a peer that begins with createStream',
      {},
      'command-out-of-order',
      (s: Stranger) => {
        s.shakeHands();
        s.say(20, 0, 'createStream', 2, null);
      },
    ],
    [
      'a peer that sends much before it publishes',
      {},
      'too-much-before-publish',
      (s: Stranger) => {
        s.connect();
        for (let i = 0; i < 10; i += 1) s.say(20, 0, 'noise', 0, 'x'.repeat(60_000));
      },
    ],
  ] as const)('%s, with a cause of its own', async (_what, limits, cause, act) => {
    const stage = await stageOf({ limits });
    act(new Stranger(stage));
    await until(() => stage.refused.length > 0, 'a refusal');
    expect(stage.refused.map((caller) => caller.cause)).toEqual([cause]);
  });

  it.each<[string, AmfValue, AmfValue]>([
    ['no URL at all', 'live', 'nope'],
    ['a number for a URL', 'live', 7],
    ['an object for an app', new Map([['a', 1]]), null],
    ['nothing', undefined, undefined],
  ])('nobody for %s in connect, and lives', async (_what, app, tcUrl) => {
    const stage = await stageOf();
    const stranger = new Stranger(stage);
    stranger.connect(app, tcUrl);
    await hears(stranger, '_result');
  });
});

describe('a second publisher', () => {
  it('is refused while the first delivers media', async () => {
    let now = 0;
    const stage = await stageOf({ now: () => now });
    const first = dialTo(stage);
    await first.publishing();
    first.push.send(tag('audio', 1));
    await until(() => stage.tags.length === 1, 'media');
    now += 900;
    expect(await dialTo(stage).end()).toMatchObject({ cause: 'publish-refused', code: 'NetStream.Publish.BadName' });
    expect(stage.refused.map(({ cause }) => cause)).toEqual(['already-in-use']);
    expect(stage.closed).toEqual([]);
  });

  it('takes over from one that delivered nothing for a second', async () => {
    let now = 0;
    const stage = await stageOf({ now: () => now });
    const first = dialTo(stage);
    await first.publishing();
    now += 1_000;
    const second = dialTo(stage);
    await second.publishing();
    expect([stage.opened.length, stage.closed]).toEqual([2, ['displaced']]);
    expect((await first.end()).cause).toBe('stopped-by-peer');
    second.push.send(tag('audio', 1));
    await until(() => stage.tags.length === 1, 'media of the second');
  });

  it('that is not accepted leaves even a silent first one alone', async () => {
    let now = 0;
    const stage = await stageOf({ now: () => now });
    await dialTo(stage).publishing();
    now += 60_000;
    await dialTo(stage, 'wrong').end();
    expect(stage.closed).toEqual([]);
  });
});

describe('a publisher', () => {
  it('that sends no byte for long is let go', async () => {
    const stage = await stageOf({ limits: { idleMs: 50 } });
    await dialTo(stage).publishing();
    await until(() => stage.closed.length === 1, 'the end');
    expect(stage.closed).toEqual(['publisher-silent']);
  });

  it('that sends bytes which are no RTMP is closed with a counted fault', async () => {
    const stage = await stageOf();
    const stranger = new Stranger(stage);
    stranger.connect();
    stranger.say(20, 1, 'publish', 0, null, key, 'live');
    await until(() => stage.opened.length === 1, 'publishing');
    stranger.socket.write(Buffer.alloc(100, 0xff));
    await until(() => stage.closed.length === 1, 'the end');
    expect(stage.closed).toEqual(['chunk-without-header']);
    expect(stage.server.counters().faults).toEqual(new Map([['chunk-without-header', 1]]));
  });

  it('whose handler throws is closed, and nobody else', async () => {
    const stage = await stageOf({
      onTag: () => {
        throw new Error('a bug');
      },
    });
    const { push, publishing } = dialTo(stage);
    await publishing();
    push.send(tag('audio', 1));
    await until(() => stage.closed.length === 1, 'the end');
    expect(stage.closed).toEqual(['internal-error']);
    const next = dialTo(stage);
    await next.publishing();
    expect(next.servers).toHaveLength(1);
  });

  it('is let go by the relay, and all are when the server closes', async () => {
    const stage = await stageOf();
    const { publishing, end } = dialTo(stage);
    await publishing();
    stage.opened[0]?.close();
    expect(stage.closed).toEqual(['closed-by-relay']);
    expect((await end()).cause).toBe('stopped-by-peer');
    await stage.server.close();
  });

  it('that never reads our answers is cut off', async () => {
    const stage = await stageOf({ limits: { unreadReplyBytes: 1_000, unprovenBytes: 1e9 } });
    const stranger = new Stranger(stage);
    stranger.connect();
    await hears(stranger, '_result');
    stranger.socket.pause();
    const ask = setInterval(() => {
      for (let i = 0; i < 500; i += 1) stranger.say(20, 0, 'createStream', 2, null);
    }, 1);
    await until(() => stage.refused.length === 1, 'a refusal', 15_000).finally(() => clearInterval(ask));
    expect(stage.refused.map(({ cause }) => cause)).toEqual(['replies-not-read']);
  }, 20_000);
});
