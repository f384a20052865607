import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { ServerLink } from '../../../relay/server-link.ts';
import { createRelayDoor } from '../../../server/http/relays.ts';
import { World } from '../../kit/fleet-world.ts';
import { flow, output } from '../../kit/samples.ts';
import { createConsoleHouse } from '../../kit/console-house.ts';
import { temporaryFolder } from '../../kit/temporary.ts';
import { until } from '../../kit/until.ts';

/** Nobody waits for a preview here. */
const noPreviews = createConsoleHouse().previews;

const TOKEN = 'the-token-of-relay-asia-1';

function door() {
  const asked: string[] = [];
  const app = createRelayDoor({
    fleet: new World().fleet,
    keepHealth: async () => {},
    previews: noPreviews,
    keepEvents: async () => {},
    relayOf: (token) => {
      asked.push(token);
      return token === TOKEN ? 'asia-1' : undefined;
    },
  });
  const knock = (authorization?: string) =>
    app.request('/', {
      headers: { upgrade: 'websocket', connection: 'Upgrade', ...(authorization !== undefined && { authorization }) },
    });
  return { asked, knock };
}

describe('the door of the relays', () => {
  it.each([
    ['no token', undefined],
    ['an empty token', 'Bearer '],
    ['a token of nobody', 'Bearer the-token-of-relay-moon-1'],
    ['a token that is too short to be one', 'Bearer x'],
    ['the start of a token', `Bearer ${TOKEN.slice(0, -1)}`],
    ['a token and more', `Bearer ${TOKEN} ${TOKEN}`],
    ['an API key', `Basic ${btoa(`id:${TOKEN}`)}`],
    ['a token of 201 characters', `Bearer ${'x'.repeat(201)}`],
  ])('answers 401 to %s', async (_, authorization) => {
    expect((await door().knock(authorization)).status).toBe(401);
  });

  it('asks nobody about what cannot be a token', async () => {
    const { asked, knock } = door();
    await knock('Bearer ../../etc/passwd-and-more');
    expect(asked).toEqual([]);
  });
});

/** The door on a port of its own, and a fleet with one flow that asia-1 must run. */
async function openDoor() {
  const world = new World([flow({ running: true, outputs: [output()] })]);
  world.canStart = false;
  const app = createRelayDoor({
    fleet: world.fleet,
    keepHealth: async () => {},
    previews: noPreviews,
    keepEvents: async () => {},
    relayOf: (token) => (token === TOKEN ? 'asia-1' : undefined),
  });
  const sockets = new WebSocketServer({ noServer: true });
  const url = await new Promise<string>((resolve) => {
    const server = serve(
      { fetch: app.fetch, hostname: '127.0.0.1', port: 0, websocket: { server: sockets } },
      ({ port }) => resolve(`ws://127.0.0.1:${port}/`),
    );
    onTestFinished(() => {
      for (const socket of sockets.clients) socket.terminate();
      server.close();
    });
  });
  return { url, world };
}

/** What a relay does: it dials, says who it is, and hears what it shall run. */
function dial(url: string, changes: { relayId?: string } = {}) {
  const urlFile = join(temporaryFolder(), 'relay-door');
  writeFileSync(urlFile, `${url}\n`);
  const applied: unknown[] = [];
  const words: string[] = [];
  const link = new ServerLink({
    urlFile,
    token: TOKEN,
    hello: () => ({ relayId: 'asia-1', boot: 'b', pid: 7, applied: [], ...changes }),
    serves: { apply: (body) => applied.push(body) },
    log: (what, detail) => words.push(`${what} ${JSON.stringify(detail)}`),
  });
  onTestFinished(() => link.close());
  return { applied, link, words };
}

describe('a relay with its token', () => {
  it('joins and hears what it shall run', async () => {
    const { url, world } = await openDoor();
    const { applied, words } = dial(url);
    await until('the wish arrives', () => applied.length > 0);
    expect([words, applied]).toEqual([
      ['joined the server {}'],
      [
        {
          flowId: 'flow-1',
          revision: 1,
          tag: expect.stringMatching(/^[\w-]{22}$/) as unknown,
          plans: [expect.objectContaining({ pipeline: 'primary' })],
        },
      ],
    ]);
    expect(world.log).toContain('relay joined {"relayId":"asia-1","pid":7,"flows":0}');
  });

  it('may not speak for another relay', async () => {
    const { url, world } = await openDoor();
    const { words } = dial(url, { relayId: 'asia-2' });
    await until('the answer arrives', () => words.length > 0);
    expect(words[0]).toContain('This token is not that of relay asia-2.');
    expect(world.log.filter((line) => line.startsWith('relay joined'))).toEqual([]);
  });

  it('ends its link with a report that is none, and comes again', async () => {
    const { url, world } = await openDoor();
    const { link, words } = dial(url);
    await until('the relay joins', () => words.length > 0);
    link.publish('report', { at: 'now' });
    await until('the relay comes again', () => world.log.filter((line) => line.startsWith('relay joined')).length > 1);
    expect(world.log).toContain('relay left {"relayId":"asia-1"}');
  });
});
