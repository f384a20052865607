import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../../db/model.ts';
import { serverEvents } from '../../db/server-events.ts';
import { incidents, relayEvents } from '../../relay/contract/messages.ts';
import { english } from '../../web/views/words.ts';
import { eventSamples } from '../kit/event-samples.ts';
import { logEvent } from '../kit/log-events.ts';

const said = (code: string, changes: Partial<LogEvent> = {}): string =>
  english.logSentence(logEvent({ code, ...changes }));

const peer = { address: '2001:db8::7', port: 4711 };

describe('the sentence of a line', () => {
  it.each<[string, Partial<LogEvent>, string]>([
    [
      'failover',
      { facts: { to: 'primary', cause: 'preferred-back', gapMs: 0 } },
      'The outputs of the primary pipeline now get the primary input again: its media has been well for 5 s.',
    ],
    [
      'failover',
      { pipeline: 'backup', facts: { to: 'backup', cause: 'by-operator', gapMs: 0 } },
      'The outputs of the backup pipeline now get the backup input, as an operator ordered.',
    ],
    ['track-dropped', { facts: { codec: 'AV1', reason: 'unsupported' } }, 'AV1 cannot go to MPEG-TS and is left out.'],
    [
      'track-dropped',
      { facts: { codec: 'AAC', pid: 259, reason: 'extra' } },
      'AAC on PID 259 is left out: RTMP carries one track of its kind.',
    ],
    [
      'connected',
      { peer, facts: { protocol: 'srt', latencyMs: 120, keyLength: 0 } },
      'Connected from [2001:db8::7]:4711, latency 120 ms, not encrypted.',
    ],
    ['connected', { peer, facts: { protocol: 'rtp' } }, 'Receiving from [2001:db8::7]:4711.'],
    ['connected', { peer, role: 'output', facts: { protocol: 'rtmp' } }, 'Connected to [2001:db8::7]:4711.'],
    [
      'refused',
      { peer, facts: { protocol: 'rtp', cause: 'already-in-use' } },
      'Ignored [2001:db8::7]:4711: datagrams of a second sender. Stop the other sender first, or push to the other pipeline.',
    ],
    [
      'retry',
      { facts: { protocol: 'srt', cause: 'port-unavailable', attempt: 1, triedForMs: 0, retryInMs: 250 } },
      'Could not listen: the port is taken by another program. Next attempt in 250 ms. Free the port on the relay host. It is tried again by itself.',
    ],
    [
      'stalled',
      { role: 'output', facts: { protocol: 'rtmp', cause: 'unacknowledged' } },
      'Connected, but the server has stopped taking media.',
    ],
    [
      'timestamps-jumped',
      { facts: { jumps: 1, overMs: 0 } },
      'The timestamps of the encoder jumped; the outputs go on without a jump.',
    ],
    ['flow-started', { role: 'flow', facts: { by: 'server' } }, 'Flow started by the server.'],
    ['of-tomorrow', {}, 'Something that this version has no words for (of-tomorrow).'],
  ])('%s %j', (code, changes, sentence) => expect(said(code, changes)).toBe(sentence));

  it('is whole for every code, whatever facts another version leaves out', () => {
    for (const code of [...relayEvents, ...serverEvents]) {
      expect(said(code)).toMatch(/^[A-Z0-9].*\.$/);
      expect(said(code)).not.toMatch(/undefined|NaN|null/);
    }
  });

  it('is whole for every cause, at inputs and outputs, of every protocol', () => {
    for (const cause of incidents)
      for (const protocol of ['srt', 'rtmp', 'rtp'])
        for (const role of ['input', 'output'] as const) {
          const facts = { cause, protocol };
          for (const code of ['disconnected', 'refused', 'retry'])
            expect(said(code, { role, peer, facts })).toMatch(/^[A-Z][^:]*\d?: ?\S.*\.$/);
        }
  });

  it('says how often it came, and over how long', () => {
    const facts = { cause: 'passphrase-wrong', protocol: 'srt' };
    expect(said('refused', { peer, count: 20, facts: { ...facts, overMs: 60_000 } })).toMatch(
      / \(20 times within 1 min\)$/,
    );
    expect(said('refused', { peer, count: 2, facts: { ...facts, overMs: 300 } })).toMatch(/ \(2 times\)$/);
  });
});

describe('what is grave', () => {
  it.each<[string, LogEvent['facts'], boolean]>([
    ['data-lost', {}, true],
    ['failover', { cause: 'input-lost' }, true],
    ['failover', { cause: 'by-operator' }, false],
    ['disconnected', { cause: 'connection-lost' }, true],
    ['disconnected', { cause: 'closed-here' }, false],
    ['refused', { cause: 'passphrase-wrong' }, true],
    ['refused', { cause: 'address-not-allowed' }, false],
    ['connected', {}, false],
    ['flow-stopped', {}, false],
  ])('%s %j: %s', (code, facts, grave) => expect(english.isGrave(logEvent({ code, facts }))).toBe(grave));
});

describe('docs/events.md', () => {
  const document = readFileSync('docs/events.md', 'utf8');
  const [tables = '', sentences = ''] = document.split('## Sentences');
  const rows = (text: string): string[][] =>
    text
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) =>
        line
          .split('|')
          .map((cell) => cell.trim())
          .slice(1, -1),
      );
  const names = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, name]) => name ?? []);
  const documented = rows(tables).filter((row) => row.length === 3);

  it('has every code, and no other', () => {
    const codes = documented.flatMap(([code]) => names(code));
    expect(codes.toSorted()).toEqual([...relayEvents, ...serverEvents].toSorted());
  });

  it('names the facts of each code, and no other', () => {
    const facts = new Map(documented.map(([code, , cell]) => [names(code)[0], names(cell).toSorted()]));
    for (const { code, count, facts: sample } of eventSamples) {
      // Every line that stands for several says over how long they came.
      const own = Object.keys(sample).filter((name) => count === 1 || code === 'more-events' || name !== 'overMs');
      expect([code, ...(facts.get(code) ?? [])]).toEqual([code, ...own.toSorted()]);
    }
  });

  it('has every cause for which an encoder is refused', () => {
    const causes = rows(tables)
      .filter((row) => row.length === 4)
      .flatMap(([cause]) => names(cause));
    expect(causes.every((cause) => incidents.some((incident) => incident === cause))).toBe(true);
    expect(new Set(causes).size).toBe(12);
  });

  it('shows each sentence as it reads', () => {
    const shown = rows(sentences).map(([code, sentence]) => [names(code)[0], sentence]);
    expect(shown).toEqual(eventSamples.map((event) => [event.code, english.logSentence(event)]));
  });
});
