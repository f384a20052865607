import { describe, expect, it } from 'vitest';
import {
  applySchema,
  CONTRACT_VERSION,
  eventsSchema,
  helloSchema,
  reportSchema,
} from '../../relay/contract/messages.ts';
import { latencySchema, passphraseSchema } from '../../relay/contract/settings.ts';
import { plan, sinkSpec, sourceSpec } from '../kit/samples.ts';

const hello = {
  version: CONTRACT_VERSION,
  relayId: 'asia-1',
  boot: 'b',
  pid: 7,
  applied: [{ flowId: 'f', revision: 1 }],
};

describe('hello', () => {
  it('is read as it was said', () => {
    expect(helloSchema.parse(hello)).toEqual(hello);
  });

  it.each([
    ['without a version', { ...hello, version: undefined }],
    ['with a version that is no whole number', { ...hello, version: '1' }],
    ['without an id', { ...hello, relayId: '' }],
    ['with an id beyond 64 characters', { ...hello, relayId: 'x'.repeat(65) }],
    ['with a negative revision', { ...hello, applied: [{ flowId: 'f', revision: -1 }] }],
  ])('is refused %s', (_, body) => {
    expect(helloSchema.safeParse(body).success).toBe(false);
  });

  it('of another version is read, so that the answer can say so', () => {
    expect(helloSchema.parse({ ...hello, version: 99 }).version).toBe(99);
  });
});

describe('apply', () => {
  const encryption = { passphrase: '0123456789', keyLength: 256 } as const;
  const wish = { flowId: 'f', revision: 1, plans: [plan({ source: sourceSpec({ encryption }) })] };

  it('is read as it was said', () => {
    expect(applySchema.parse(wish)).toEqual(wish);
  });

  it('may wish for nothing', () => {
    expect(applySchema.parse({ flowId: 'f', revision: 0, plans: [] }).plans).toEqual([]);
  });

  it.each([
    ['port 0', plan({ source: sourceSpec({ port: 0 }) })],
    ['port 65536', plan({ sinks: [sinkSpec({ port: 65_536 })] })],
    ['no host to dial', plan({ sinks: [sinkSpec({ host: '' })] })],
    ['no bandwidth', plan({ maxBitrate: 0 })],
    [
      'a passphrase of nine characters',
      plan({ source: sourceSpec({ encryption: { ...encryption, passphrase: '012345678' } }) }),
    ],
    ['a latency of 19 ms', plan({ source: sourceSpec({ latencyMs: 19 }) })],
  ])('is refused with %s', (_, wrong) => {
    expect(applySchema.safeParse({ ...wish, plans: [wrong] }).success).toBe(false);
  });

  it('does not tell a passphrase when it refuses one', () => {
    const wrong = plan({ source: sourceSpec({ encryption: { passphrase: 'canary', keyLength: 256 } }) });
    expect(applySchema.safeParse({ ...wish, plans: [wrong] }).error?.message).not.toContain('canary');
  });
});

describe('report', () => {
  it('is refused with a number that JSON cannot say', () => {
    expect(
      reportSchema.safeParse(JSON.parse(JSON.stringify({ at: Number.NaN, applied: [], endpoints: [] }))).success,
    ).toBe(false);
  });
});

describe('events of a relay', () => {
  const event = {
    seq: 0,
    at: 1,
    flowId: 'f',
    pipeline: 'primary',
    endpoint: 'input',
    role: 'source',
    code: 'refused',
    count: 1,
    facts: { cause: 'passphrase-wrong', overMs: 3 },
  };
  const takes = (changes: object): boolean =>
    eventsSchema.safeParse({ boot: 'b', events: [{ ...event, ...changes }] }).success;

  it('are taken with a code of another version, so that none holds up those behind it', () => {
    expect([takes({}), takes({ code: 'of-tomorrow' })]).toEqual([true, true]);
  });

  it.each([{ count: 0 }, { seq: -1 }, { endpoint: 'x'.repeat(65) }, { facts: { deep: { er: 1 } } }, { role: 'other' }])(
    'are not taken with %j',
    (changes) => expect(takes(changes)).toBe(false),
  );
});

describe('settings of a link', () => {
  it.each([
    [19, false],
    [20, true],
    [3000, true],
    [3001, false],
    [120.5, false],
  ])('latency %s ms is fine: %s', (value, fine) => {
    expect(latencySchema.safeParse(value).success).toBe(fine);
  });

  it.each([
    ['9 characters', 'x'.repeat(9), false],
    ['10 characters', 'x'.repeat(10), true],
    ['79 characters', 'x'.repeat(79), true],
    ['80 characters', 'x'.repeat(80), false],
    ['spaces and signs', 'pass phrase ~!"#$%&', true],
    ['a letter beyond ASCII', 'pässphrase-1', false],
    ['a line break', 'passphrase\n1', false],
    ['a line break at its end', 'passphrase1\n', false],
  ])('a passphrase with %s', (_, value, fine) => {
    expect(passphraseSchema.safeParse(value).success).toBe(fine);
  });
});
