import { describe, expect, it } from 'vitest';
import {
  flowDraftSchema,
  flowEditSchema,
  inputEditSchema,
  outputDraftSchema,
  outputEditSchema,
  parseDraft,
} from '../../server/drafts.ts';
import { Refusal } from '../../server/refusal.ts';

const flow = { name: 'News', regionId: 'asia', maxBitrate: 10_000_000, input: { name: 'Camera', protocol: 'srt' } };
const output = {
  name: 'Studio',
  regionId: 'asia',
  protocol: 'srt',
  destinations: { primary: { host: 'a.example', port: 1 } },
};

/** Field and code of each fault; undefined where the draft is in order. */
function faultsOf(schema: Parameters<typeof parseDraft>[0], value: unknown): string[] | undefined {
  try {
    parseDraft(schema, value);
  } catch (error) {
    if (error instanceof Refusal) return error.faults.map(({ field, code }) => `${field}: ${code}`).sort();
    throw error;
  }
  return undefined;
}
const withInput = (changes: object) => faultsOf(flowDraftSchema, { ...flow, input: { ...flow.input, ...changes } });
const withHost = (host: unknown) =>
  faultsOf(outputDraftSchema, { ...output, destinations: { primary: { host, port: 1 } } });

describe('what is left out of a draft', () => {
  it('is, for an input, 120 ms, everybody, and no words', () => {
    expect(parseDraft(flowDraftSchema, flow).input).toEqual({
      name: 'Camera',
      protocol: 'srt',
      latencyMs: 120,
      allowlist: ['0.0.0.0/0'],
      description: '',
    });
  });

  it('is, for an output, 120 ms and no words', () => {
    expect(parseDraft(outputDraftSchema, output)).toEqual({ ...output, latencyMs: 120, description: '' });
  });

  it('stays as it is in an edit', () => {
    expect(parseDraft(inputEditSchema, {})).toEqual({});
  });
});

describe('a wrong draft', () => {
  it('has each of its fields named at once', () => {
    const wrong = {
      name: 7,
      regionId: '',
      protocol: 'srt',
      destinations: { primary: { host: 'a b', port: 0 }, backup: { host: 'a.example', port: 65_536 } },
      latencyMs: 19,
      encryption: { passphrase: 'short', keyLength: 64 },
      description: 'x'.repeat(257),
      colour: 'red',
    };
    expect(faultsOf(outputDraftSchema, wrong)).toEqual([
      'colour: unknown-field',
      'description: invalid',
      'destinations.backup.port: invalid',
      'destinations.primary.host: invalid',
      'destinations.primary.port: invalid',
      'encryption.keyLength: invalid',
      'encryption.passphrase: invalid',
      'latencyMs: invalid',
      'name: invalid',
      'regionId: invalid',
    ]);
  });

  it('has a missing field named', () => {
    expect(faultsOf(flowDraftSchema, {})).toEqual([
      'input: invalid',
      'maxBitrate: invalid',
      'name: invalid',
      'regionId: invalid',
    ]);
  });

  it('has an unknown field within another named by its path', () => {
    expect(withInput({ port: 9000 })).toEqual(['input.port: unknown-field']);
  });

  it.each(['rtsp', 'SRT', ''])('may not have the protocol %j', (protocol) => {
    expect(withInput({ protocol })).toEqual(['input.protocol: invalid']);
  });
});

describe('a name', () => {
  const named = (name: unknown) => faultsOf(flowEditSchema, { name });

  it('loses the space around it', () => {
    expect(parseDraft(flowEditSchema, { name: '  News  ' })).toEqual({ name: 'News' });
  });

  it.each(['N', 'x'.repeat(64), 'Новости 新闻 📺', '<b>&"\''])('may be %s', (name) => {
    expect(named(name)).toBeUndefined();
  });

  it.each(['', '   ', 'x'.repeat(65), 'a\nb', 'a\u0000b', 'a\u001b[31mb', 'a\u0085b', null, 5])(
    'may not be %j',
    (name) => {
      expect(named(name)).toEqual(['name: invalid']);
    },
  );

  // A finding: they turn a line of a log or a page around, or break it in two.
  it.each(['a\u202eb', 'a\u2066b', 'a\u2028b', '\u200b'])('may not be %j', (name) => {
    expect(named(name)).toEqual(['name: invalid']);
  });
});

describe('the host of a destination', () => {
  it.each([
    '198.51.100.1',
    '2001:db8::1',
    '::ffff:192.0.2.1',
    'a.example',
    'studio-1',
    'x'.repeat(63),
    'A.Example',
    'xn--bcher-kva.example',
  ])('may be %s', (host) => {
    expect(withHost(host)).toBeUndefined();
  });

  it.each([
    '',
    ' ',
    'a b',
    'srt://a.example',
    'a.example:9000',
    'a.example/x',
    '[2001:db8::1]',
    'user@a.example',
    '-a.example',
    'a-.example',
    'a..example',
    '.a',
    `${'x'.repeat(64)}.example`,
    'a_b',
    'fe80::1%eth0',
    'bücher.example',
    '$(id)',
    'a\nb',
    5,
    null,
  ])('may not be %j', (host) => {
    expect(withHost(host)).toEqual(['destinations.primary.host: invalid']);
  });

  // A finding: none of these is an address or a name. Resolvers read the last as 127.0.0.1, which evades the rule against loops.
  it.each(['10.0.0.1:9000', ':', '1:2', ':::', '300.1.1.1', '1.2.3', '0177.0.0.1', '127.1', '0x7f.1', '2130706433'])(
    'may not be %j',
    (host) => {
      expect(withHost(host)).toEqual(['destinations.primary.host: invalid']);
    },
  );
});

describe('numbers', () => {
  it.each([
    [20, undefined],
    [3000, undefined],
    [19, ['input.latencyMs: invalid']],
    [3001, ['input.latencyMs: invalid']],
    [120.5, ['input.latencyMs: invalid']],
    ['120', ['input.latencyMs: invalid']],
  ])('latency %j', (latencyMs, faults) => {
    expect(withInput({ latencyMs })).toEqual(faults);
  });

  it.each([0, 65_536, 1.5, '9000', null])('a port may not be %j', (port) => {
    expect(faultsOf(outputDraftSchema, { ...output, destinations: { primary: { host: 'a.example', port } } })).toEqual([
      'destinations.primary.port: invalid',
    ]);
  });
});

describe('encryption', () => {
  const passphrase = 'ten signs.';

  it.each([128, 192, 256])('may have %s bits', (keyLength) => {
    expect(withInput({ encryption: { passphrase, keyLength } })).toBeUndefined();
  });

  it.each([
    [{ passphrase }, ['input.encryption.keyLength: invalid']],
    [{ keyLength: 128 }, ['input.encryption.passphrase: invalid']],
    [{ passphrase, keyLength: '128' }, ['input.encryption.keyLength: invalid']],
    [{ passphrase, keyLength: 128, cipher: 'aes' }, ['input.encryption.cipher: unknown-field']],
    [null, ['input.encryption: invalid']],
  ])('of a new input may not be %j', (encryption, faults) => {
    expect(withInput({ encryption })).toEqual(faults);
  });

  it.each([null, { keyLength: 128 }, { keyLength: 128, passphrase }])('of an edit may be %j', (encryption) => {
    expect(parseDraft(inputEditSchema, { encryption })).toEqual({ encryption });
    expect(parseDraft(outputEditSchema, { encryption })).toEqual({ encryption });
  });

  it('of an edit may not be a passphrase without a key length', () => {
    expect(faultsOf(outputEditSchema, { encryption: { passphrase } })).toEqual(['encryption.keyLength: invalid']);
  });
});

describe('an allowlist', () => {
  it('may not be empty: nobody could push', () => {
    expect(withInput({ allowlist: [] })).toEqual(['input.allowlist: invalid']);
  });

  it('has 64 ranges or fewer', () => {
    const ranges = (count: number) => Array.from({ length: count }, (_, index) => `10.${index}.0.0/16`);
    expect([withInput({ allowlist: ranges(64) }), withInput({ allowlist: ranges(65) })]).toEqual([
      undefined,
      ['input.allowlist: invalid'],
    ]);
  });
});

describe('a draft by protocol', () => {
  const outputBy = (protocol: string, changes: object) =>
    faultsOf(outputDraftSchema, { name: 'Studio', regionId: 'asia', protocol, ...changes });
  const toPlace = { destinations: { primary: { host: 'a.example', port: 1 } } };
  const toUrl = { destinations: { primary: { url: 'rtmps://a.example/app', streamKey: 'k' } } };

  it.each<[string, object, string]>([
    ['rtmp', { latencyMs: 120 }, 'latencyMs'],
    ['rtmp', { bareTs: true }, 'bareTs'],
    ['rtmp', { streamKeys: { primary: 'mine', backup: 'mine' } }, 'streamKeys'],
    ['rtp', { latencyMs: 120 }, 'latencyMs'],
    ['srt', { bareTs: true }, 'bareTs'],
  ])('of an input by %s has no %j', (protocol, more, field) => {
    const input = { name: 'Camera', protocol, ...more };
    expect(faultsOf(flowDraftSchema, { ...flow, input })).toEqual([`input.${field}: unknown-field`]);
  });

  it('is in order with what its protocol needs', () => {
    expect([outputBy('srt', toPlace), outputBy('rtp', { ...toPlace, ttl: 3 }), outputBy('rtmp', toUrl)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it.each<[string, object, string[]]>([
    ['rtmp', toPlace, ['destinations.primary.host', 'destinations.primary.port', 'destinations.primary.streamKey']],
    ['rtp', toUrl, ['destinations.primary.host', 'destinations.primary.port', 'destinations.primary.streamKey']],
    ['rtp', { ...toPlace, ttl: 0 }, ['ttl']],
    ['rtp', { ...toPlace, encryption: { passphrase: '0123456789', keyLength: 128 } }, ['encryption']],
    ['srt', { ...toPlace, ttl: 3 }, ['ttl']],
  ])('of an output by %s names what is wrong of %j', (protocol, more, fields) => {
    const named = outputBy(protocol, more)?.map((fault) => fault.split(':')[0]);
    expect(named).toEqual(expect.arrayContaining(fields));
  });

  it.each([
    'http://a.example/app',
    'rtmp://a.example',
    'rtmp://me:secret@a.example/app',
    'rtmp://a.example:99999/app',
    '',
  ])('may not have the URL %j', (url) => {
    const wrong = { destinations: { primary: { url, streamKey: 'k' } } };
    expect(outputBy('rtmp', wrong)).toEqual(['destinations.primary.url: invalid']);
  });

  it.each(['', 'two words', 'schlüssel', 'x'.repeat(513)])('may not have the stream key %j', (streamKey) => {
    const wrong = { destinations: { primary: { url: 'rtmp://a.example/app', streamKey } } };
    expect(outputBy('rtmp', wrong)).toContain('destinations.primary.streamKey: invalid');
  });
});

describe('an edit of destinations', () => {
  const edit = (destinations: unknown) => faultsOf(outputEditSchema, { destinations });

  it.each<[string, object, string[]]>([
    ['a port', { primary: { host: 'a.example', port: 0 } }, ['destinations.primary.port: invalid']],
    ['a host', { primary: { host: '', port: 1 } }, ['destinations.primary.host: invalid']],
    ['a URL', { primary: { url: '' } }, ['destinations.primary.url: invalid']],
    [
      'the key of a backup',
      { primary: { url: 'rtmp://a/b' }, backup: { url: 'rtmp://a/b', streamKey: 'a b' } },
      ['destinations.backup.streamKey: invalid'],
    ],
    [
      'a field that is none',
      { primary: { host: 'a.example', port: 1, ttl: 3 } },
      ['destinations.primary.ttl: unknown-field'],
    ],
  ])('has its fault where it is: %s', (_, destinations, faults) => {
    expect(edit(destinations)).toEqual(faults);
  });

  it('of another kind altogether is told as a whole', () => {
    expect([edit(5), edit([])]).toEqual([['destinations: invalid'], ['destinations: invalid']]);
  });
});
