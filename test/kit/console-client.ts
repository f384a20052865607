/** An operator's browser before the console: signed in, and without a port. */
import { createConsole } from '../../server/http/console.tsx';
import type { HealthDesk } from '../../server/health.ts';
import type { LogDesk } from '../../server/log-desk.ts';
import { type ConsoleHouse, PASSWORD, TOKEN } from './console-house.ts';
import { emptyHealth } from './empty-health.ts';
import { memoryLog } from './memory-log.ts';

const OWN = { Host: 'console.example', Origin: 'https://console.example', 'Sec-Fetch-Site': 'same-origin' };

export interface Shown {
  readonly status: number;
  /** Where a redirect leads. */
  readonly location: string | null;
  readonly text: string;
  readonly headers: Headers;
}

export interface ConsoleClient {
  get(path: string, headers?: Record<string, string>): Promise<Shown>;
  post(path: string, fields?: Record<string, string>): Promise<Shown>;
  /** A form in which a name may come more than once. */
  postAll(path: string, fields: readonly (readonly string[])[]): Promise<Shown>;
}

export async function signIn(
  house: ConsoleHouse,
  health: HealthDesk = emptyHealth,
  log: LogDesk = memoryLog(),
): Promise<ConsoleClient> {
  const app = createConsole({ ...house, health, log, secureCookies: false, addressOf: () => 'one', version: '1' });
  await house.sessions.login(PASSWORD, 'one');
  const send = async (path: string, init: RequestInit): Promise<Shown> => {
    const answer = await app.request(path, init);
    const { status, headers } = answer;
    return { status, location: headers.get('Location'), text: await answer.text(), headers };
  };
  const cookie = { Cookie: `sid=${TOKEN}` };
  const post = (path: string, body: URLSearchParams): Promise<Shown> =>
    send(path, { method: 'POST', body, headers: { ...cookie, ...OWN } });
  return {
    get: (path, headers = {}) => send(path, { headers: { ...cookie, ...headers } }),
    post: (path, fields = {}) => post(path, new URLSearchParams(fields)),
    postAll: (path, fields) =>
      post(path, new URLSearchParams(fields.map(([name = '', value = '']): [string, string] => [name, value]))),
  };
}
