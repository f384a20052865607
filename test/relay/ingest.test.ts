import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ConnectionEnd } from '../../relay/rtmp/server-connection.ts';
import { type Route, RtmpIngest } from '../../relay/rtmp/ingest.ts';
import { freePorts } from '../kit/free-ports.ts';
import { until } from '../kit/until.ts';
import { dial } from './rtmp/peers.ts';
import { tag } from './rtmp/kit.ts';

const host = '127.0.0.1';
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

/** A pipeline that takes pushes, and all that it is told. */
function routeTo(app: string, allows = true) {
  const heard: string[] = [];
  const say = (what: string) => (cause: ConnectionEnd) => heard.push(`${what} ${cause}`);
  const route: Route = {
    app,
    key: `key-of-${app}`,
    allows: () => allows,
    handlers: { opened: () => heard.push('opened'), tag: ({ kind }) => heard.push(kind), closed: say('closed') },
    refused: say('refused'),
    failed: () => heard.push('failed'),
  };
  return { heard, route };
}

async function openIngest(...routes: readonly Route[]) {
  const [port = 0] = await freePorts(1);
  const ingest = new RtmpIngest();
  open.push(ingest);
  const leave = routes.map((route) => ingest.open(host, port, route));
  const push = async (app: string, key: string) => {
    const dialled = dial({ url: `rtmp://${host}:${port}/${app}`, streamName: key });
    open.push(dialled.push);
    await dialled.publishing();
    return dialled;
  };
  return { ingest, port, leave, push };
}

const untilHeard = (heard: readonly string[], what: string): Promise<true> =>
  until(what, () => heard.some((said) => said.startsWith(what)));

describe('one RTMP port for several pipelines', () => {
  it('takes each push to the pipeline whose app and key it names', async () => {
    const [news, sport] = [routeTo('news'), routeTo('sport')];
    const { push } = await openIngest(news.route, sport.route);
    const { push: pushed } = await push('sport', 'key-of-sport');
    pushed.send(tag('audioHeader', 0));
    await untilHeard(sport.heard, 'audio');
    expect([news.heard, sport.heard]).toEqual([[], ['opened', 'audio']]);
  });

  it.each([
    ['the key of another pipeline', 'key-of-sport', true, 'stream-key-wrong'],
    ['an address outside the allowlist', 'key-of-news', false, 'address-not-allowed'],
  ] as const)('refuses %s, and tells the pipeline that was named', async (_, key, allows, cause) => {
    const [news, sport] = [routeTo('news', allows), routeTo('sport')];
    const { push } = await openIngest(news.route, sport.route);
    const { end } = await push('news', key);
    await end();
    await untilHeard(news.heard, 'refused');
    expect([news.heard, sport.heard]).toEqual([[`refused ${cause}`], []]);
  });

  it('refuses an app that is nobody’s, and tells nobody', async () => {
    const news = routeTo('news');
    const { push } = await openIngest(news.route);
    const { end } = await push('weather', 'key-of-news');
    expect((await end()).cause).toMatch(/refused|closed-before-publish/);
    expect(news.heard).toEqual([]);
  });

  it('refuses a second publisher beside one that lives', async () => {
    const news = routeTo('news');
    const { push } = await openIngest(news.route);
    const first = await push('news', 'key-of-news');
    first.push.send(tag('audioHeader', 0));
    await untilHeard(news.heard, 'audio');
    const { end } = await push('news', 'key-of-news');
    await end();
    await untilHeard(news.heard, 'refused');
    expect(news.heard).toEqual(['opened', 'audio', 'refused already-in-use']);
  });

  it('stays open while one pipeline is there, and is free once the last has left', async () => {
    const { leave, port, push } = await openIngest(routeTo('news').route, routeTo('sport').route);
    leave[0]?.();
    const { push: pushed, ends } = await push('sport', 'key-of-sport');
    expect(ends).toEqual([]);
    await pushed.close();
    leave[1]?.();
    await until('the port is free', () => isFree(port));
  });

  it('tells every pipeline that the port cannot be had, and tries anew for the next', async () => {
    const [port = 0] = await freePorts(1);
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(port, host, resolve));
    const ingest = new RtmpIngest();
    open.push(ingest);
    const [first, second] = [routeTo('news'), routeTo('sport')];
    ingest.open(host, port, first.route);
    await untilHeard(first.heard, 'failed');
    await new Promise((resolve) => taken.close(resolve));
    ingest.open(host, port, second.route);
    const { publishing, push, servers } = dial({ url: `rtmp://${host}:${port}/sport`, streamName: 'key-of-sport' });
    open.push(push);
    await publishing();
    expect([second.heard, servers.length]).toEqual([['opened'], 1]);
  });
});

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
