/** The whole house, as `npm start` runs it, in a data folder and on ports of its own. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { flowSchema } from '../../server/http/shapes.ts';
import { freePorts } from './free-ports.ts';
import { type Program, run } from './program.ts';
import { until } from './until.ts';

export type FlowView = z.infer<typeof flowSchema>;

export const SECRET_ID = 'test-key-id';
export const SECRET_KEY = 'test-key-secret-0123';
export const PASSWORD = 'a test password';

/** Enough for a dozen flows with hops, and for the relays of five regions. */
const UDP_PORTS = 48;
const RTMP_PORTS = 10;

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface House {
  readonly url: string;
  readonly data: string;
  readonly firstPort: number;
  /** Calls the JSON API; `path` is below /api/v1. */
  api(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Posts, and returns what was made. */
  created(path: string, body: unknown): Promise<{ readonly id: string }>;
  flow(flowId: string): Promise<FlowView>;
  /** The process id of the server itself, not of the script that keeps it. */
  serverPid(): number;
  /** The exit code of `npm start`, once it has ended. */
  ended(): Promise<number | null>;
  /** Everything that `npm start` has printed. */
  words(): string;
  /** Sends a signal to `npm start`. */
  signal(name: NodeJS.Signals): void;
  /** Kills the process of `npm start` itself, and resolves when it is gone; server and relays are processes of their own. */
  killStart(): Promise<void>;
  /** `npm start` once more, with the same data and ports, after it has ended. Resolves when the console answers. */
  startAgain(): Promise<void>;
  stop(): Promise<void>;
}

const isFlow = (body: unknown): body is FlowView =>
  typeof body === 'object' && body !== null && 'input' in body && 'outputs' in body;

/** Resolves when the console answers. `env` adds to the settings. */
export async function startHouse(env: Readonly<Record<string, string>> = {}): Promise<House> {
  const data = mkdtempSync(join(tmpdir(), 'streamlink-house-'));
  const [port = 0, firstPort = 0] = await freePorts(UDP_PORTS + RTMP_PORTS + 1);
  const firstRtmpPort = firstPort + UDP_PORTS;
  const url = `http://127.0.0.1:${port}`;
  const options = {
    env: {
      STREAMLINK_PORT: String(port),
      STREAMLINK_DATA: data,
      STREAMLINK_PUBLIC_HOST: '127.0.0.1',
      STREAMLINK_PORT_RANGE: `${firstPort}-${firstRtmpPort - 1}`,
      STREAMLINK_RTMP_PORT_RANGE: `${firstRtmpPort}-${firstRtmpPort + RTMP_PORTS - 1}`,
      STREAMLINK_ADMIN_PASSWORD: PASSWORD,
      STREAMLINK_SECRET_ID: SECRET_ID,
      STREAMLINK_SECRET_KEY: SECRET_KEY,
      ...env,
    },
  };
  const start = (): Promise<Program> => run(process.execPath, ['scripts/start.mjs'], options);
  let program = await start();
  await untilUp(url, program);
  const api: House['api'] = (method, path, body) => call(`${url}/api/v1${path}`, method, body);
  return {
    url,
    data,
    firstPort,
    api,
    created: async (path, draft) => {
      const { status, body } = await api('POST', path, draft);
      if (status !== 201) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
      return z.object({ id: z.string() }).parse(body);
    },
    flow: async (flowId) => {
      const { body } = await api('GET', `/flows/${flowId}`);
      if (!isFlow(body)) throw new Error(`No flow: ${JSON.stringify(body)}`);
      return body;
    },
    serverPid: () => Number(readFileSync(join(data, 'server.pid'), 'utf8')),
    ended: () => program.ended,
    words: () => program.words(),
    signal: (name) => void process.kill(program.pid, name),
    killStart: () => program.end('SIGKILL'),
    startAgain: async () => {
      program = await start();
      await untilUp(url, program);
    },
    stop: async () => {
      await program.end();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

const untilUp = (url: string, program: Program): Promise<true> =>
  until(
    'the console answers',
    async () => {
      if (program.hasEnded()) throw new Error(`npm start ended:\n${program.words()}`);
      return (await fetch(`${url}/readyz`).catch(() => undefined))?.ok;
    },
    60,
  );

async function call(url: string, method: string, body: unknown): Promise<Answer> {
  const authorization = `Basic ${btoa(`${SECRET_ID}:${SECRET_KEY}`)}`;
  const headers = { authorization, ...(body !== undefined && { 'content-type': 'application/json' }) };
  const response = await fetch(url, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : undefined };
}
