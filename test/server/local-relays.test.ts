import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LocalRelays } from '../../server/local-relays.ts';
import type { Death } from '../../server/relay-deaths.ts';
import { createClock } from '../kit/clock.ts';
import { temporaryFolder } from '../kit/temporary.ts';
import { until } from '../kit/until.ts';

const PROGRAM = resolve('test/kit/fake-relay.mjs');

const lives = (pid: number): boolean => {
  try {
    return process.kill(pid, 0) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

/** One server's relays; those that it started are gone after the test. */
function openRelays(folder = temporaryFolder()) {
  const clock = createClock();
  const died: string[] = [];
  const deaths: Death[] = [];
  const relays = new LocalRelays({
    folder,
    program: PROGRAM,
    serverFile: join(folder, 'door'),
    died: (relayId, death) => {
      died.push(relayId);
      deaths.push(death);
    },
    mayStart: () => {},
    now: clock.now,
    log: () => {},
  });
  const textOf = (relayId: string, name: string): string => {
    const path = join(folder, relayId, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  const pidOf = (relayId: string): number => Number(textOf(relayId, 'pid'));
  /** The program runs, and has said how it was started. */
  const started = (relayId: string, after = 0) =>
    until(
      `${relayId} runs`,
      () => pidOf(relayId) !== after && lives(pidOf(relayId)) && textOf(relayId, 'seen.json') !== '' && pidOf(relayId),
    );
  onTestFinished(async () => {
    await relays.close(false);
    for (const relayId of ['asia-1', 'asia-2']) if (lives(pidOf(relayId))) process.kill(pidOf(relayId), 'SIGKILL');
  });
  return { clock, deaths, died, folder, pidOf, relays, started, textOf };
}

describe('starting a relay', () => {
  it('runs its program with its id, its folder and the way to the server, and nothing else of our environment', async () => {
    const { folder, relays, started, textOf } = openRelays();
    relays.ensure('asia-1');
    await started('asia-1');
    const seen: unknown = JSON.parse(textOf('asia-1', 'seen.json'));
    expect(seen).toEqual({
      argv: expect.arrayContaining(['asia-1']) as unknown,
      env: {
        STREAMLINK_RELAY_ID: 'asia-1',
        STREAMLINK_RELAY_DIR: join(folder, 'asia-1'),
        STREAMLINK_SERVER_FILE: join(folder, 'door'),
      },
    });
  });

  it('does not start one that lives', async () => {
    const { pidOf, relays, started } = openRelays();
    relays.ensure('asia-1');
    const pid = await started('asia-1');
    relays.ensure('asia-1');
    expect(pidOf('asia-1')).toBe(pid);
  });

  it('gives it a token of its own, for this user alone', async () => {
    const { folder, relays, started, textOf } = openRelays();
    relays.ensure('asia-1');
    relays.ensure('asia-2');
    await Promise.all([started('asia-1'), started('asia-2')]);
    expect(['asia-1', 'asia-2'].map((relayId) => relays.relayOf(textOf(relayId, 'token')))).toEqual([
      'asia-1',
      'asia-2',
    ]);
    expect(statSync(join(folder, 'asia-1/token')).mode & 0o777).toBe(0o600);
  });

  it.each(['', 'nonsense'])('knows no relay by the token %j', async (token) => {
    const { relays, started } = openRelays();
    relays.ensure('asia-1');
    await started('asia-1');
    expect(relays.relayOf(token)).toBeUndefined();
  });
});

describe('a server that is started anew', () => {
  it('finds the relay that lives and starts no second one', async () => {
    const first = openRelays();
    first.relays.ensure('asia-1');
    const pid = await first.started('asia-1');
    const token = first.textOf('asia-1', 'token');
    await first.relays.close(false);
    const second = openRelays(first.folder);
    second.relays.ensure('asia-1');
    expect([second.pidOf('asia-1'), lives(pid), second.relays.relayOf(token)]).toEqual([pid, true, 'asia-1']);
  });

  it('notices when a relay that it found dies', async () => {
    const first = openRelays();
    first.relays.ensure('asia-1');
    const pid = await first.started('asia-1');
    await first.relays.close(false);
    const second = openRelays(first.folder);
    process.kill(pid, 'SIGKILL');
    await until('the death is noticed', () => second.died.length > 0);
    expect(second.died).toEqual(['asia-1']);
  });

  it('does not take another program for its relay because it has the number', async () => {
    const folder = temporaryFolder();
    const stranger = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)', 'stranger'], { stdio: 'ignore' });
    onTestFinished(() => void stranger.kill('SIGKILL'));
    mkdirSync(join(folder, 'asia-1'));
    writeFileSync(join(folder, 'asia-1/pid'), String(stranger.pid));
    const { relays, started } = openRelays(folder);
    relays.ensure('asia-1');
    expect(await started('asia-1', stranger.pid)).not.toBe(stranger.pid);
    expect(lives(stranger.pid ?? 0)).toBe(true);
  });

  // A finding: the relay of another installation on this host has the same id in its command line.
  it('does not take the relay of another data folder for its own', async () => {
    const other = openRelays();
    other.relays.ensure('asia-1');
    const pid = await other.started('asia-1');
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'asia-1'));
    writeFileSync(join(folder, 'asia-1/pid'), String(pid));
    const { pidOf, relays } = openRelays(folder);
    relays.ensure('asia-1');
    expect(pidOf('asia-1')).not.toBe(pid);
  });

  // A finding: a stray file among the relays' folders makes every relay's token fail with ENOTDIR.
  it('is not disturbed by a file among the folders', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, '.DS_Store'), '');
    const { relays } = openRelays(folder);
    expect(relays.relayOf('some token or other')).toBeUndefined();
  });
});

describe('a relay that dies', () => {
  async function dead() {
    const opened = openRelays();
    mkdirSync(join(opened.folder, 'asia-1'), { recursive: true });
    writeFileSync(join(opened.folder, 'asia-1/die'), '');
    opened.relays.ensure('asia-1');
    await until('the death is told', () => opened.died.length > 0);
    return opened;
  }

  it('is told once', async () => {
    expect((await dead()).died).toEqual(['asia-1']);
  });

  it('is not started again before 100 ms have passed', async () => {
    const { clock, pidOf, relays } = await dead();
    const pid = pidOf('asia-1');
    clock.turn(99);
    relays.ensure('asia-1');
    expect(pidOf('asia-1')).toBe(pid);
  });

  it('is started again after that', async () => {
    const { clock, pidOf, relays } = await dead();
    const pid = pidOf('asia-1');
    clock.turn(100);
    relays.ensure('asia-1');
    expect(pidOf('asia-1')).not.toBe(pid);
  });

  it('has to wait twice as long when it dies again', async () => {
    const { clock, died, pidOf, relays } = await dead();
    clock.turn(100);
    relays.ensure('asia-1');
    await until('the second death is told', () => died.length > 1);
    const pid = pidOf('asia-1');
    clock.turn(199);
    relays.ensure('asia-1');
    expect(pidOf('asia-1')).toBe(pid);
    clock.turn(1);
    relays.ensure('asia-1');
    expect(pidOf('asia-1')).not.toBe(pid);
  });

  it('is started again at once when it had lived for a minute', async () => {
    const { clock, died, relays, started } = openRelays();
    relays.ensure('asia-1');
    const pid = await started('asia-1');
    clock.turn(60_001);
    relays.kill('asia-1');
    await until('the death is told', () => died.length > 0);
    relays.ensure('asia-1');
    expect(await started('asia-1', pid)).not.toBe(pid);
  });
});

describe('how a relay died', () => {
  /** A relay with a note of what it was busy with, once it has died by `end`. */
  async function deadBy(end: (opened: ReturnType<typeof openRelays>, pid: number) => void) {
    const opened = openRelays();
    opened.relays.ensure('asia-1');
    const pid = await opened.started('asia-1');
    writeFileSync(join(opened.folder, 'asia-1/black-box'), 'busy');
    end(opened, pid);
    await until('the death is told', () => opened.deaths.length > 0);
    return { death: opened.deaths[0], note: opened.textOf('asia-1', 'black-box') };
  }

  it('is known to be a hang where the server ended it, and what it hung in is kept', async () => {
    expect(await deadBy(({ relays }) => relays.kill('asia-1'))).toEqual({
      death: { cause: 'hung', deaths: 1, waitMs: 100 },
      note: 'busy',
    });
  });

  it('is known to be a crash by its signal, and what it crashed in is kept', async () => {
    const { death, note } = await deadBy((_, pid) => process.kill(pid, 'SIGSEGV'));
    expect([death?.cause, note]).toEqual(['crashed', 'busy']);
  });

  it('is nobody’s fault where somebody else killed it', async () => {
    const { death, note } = await deadBy((_, pid) => process.kill(pid, 'SIGKILL'));
    expect([death?.cause, note]).toEqual(['killed', '']);
  });
});

describe('closing', () => {
  it('ends the relays when that is wished, and waits for it', async () => {
    const { relays, started } = openRelays();
    relays.ensure('asia-1');
    relays.ensure('asia-2');
    const pids = await Promise.all([started('asia-1'), started('asia-2')]);
    await relays.close(true);
    expect(pids.map(lives)).toEqual([false, false]);
  });

  it('leaves them running when that is wished', async () => {
    const { relays, started } = openRelays();
    relays.ensure('asia-1');
    const pid = await started('asia-1');
    await relays.close(false);
    expect(lives(pid)).toBe(true);
  });

  it('does not call that a death', async () => {
    const { died, relays, started } = openRelays();
    relays.ensure('asia-1');
    await started('asia-1');
    await relays.close(true);
    expect(died).toEqual([]);
  });

  it('starts none any more', async () => {
    const { pidOf, relays } = openRelays();
    await relays.close(true);
    relays.ensure('asia-1');
    expect(pidOf('asia-1')).toBe(0);
  });
});
