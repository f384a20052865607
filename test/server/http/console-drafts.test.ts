import { describe, expect, it } from 'vitest';
import {
  flowDraft,
  inputEdit,
  inputValues,
  outputDraft,
  outputEdit,
  outputValues,
  shownAgain,
} from '../../../server/http/console-drafts.ts';
import { failover, flow, input, output, rtmpInput, rtmpOutput, rtpInput, rtpOutput } from '../../kit/samples.ts';

describe('a form that is shown again', () => {
  it('has lost its stream keys', () => {
    const typed = { 'destinations.primary.url': 'rtmp://a/b', 'destinations.primary.streamKey': 'a secret' };
    expect(shownAgain(typed)).toEqual({ ...typed, 'destinations.primary.streamKey': '' });
  });

  it('has lost its keys and nothing else', () => {
    expect(
      shownAgain({ name: 'News', 'input.encryption': 'on', 'input.encryption.passphrase': 'a long secret' }),
    ).toEqual({
      name: 'News',
      'input.encryption': 'on',
      'input.encryption.passphrase': '',
    });
  });
});

describe('a draft', () => {
  it('leaves out what was left empty, so that defaults stand in', () => {
    expect(flowDraft({ 'input.protocol': 'srt', 'input.latencyMs': ' ' }).input).not.toHaveProperty('latencyMs');
    expect(outputDraft({ protocol: 'srt', 'destinations.backup.host': ' ' })['destinations']).not.toHaveProperty(
      'backup',
    );
  });

  it('has the ranges of an allowlist without empty lines', () => {
    expect(inputEdit({ allowlist: '10.0.0.0/8\r\n\r\n 192.0.2.0/24 \n' }, input())['allowlist']).toEqual([
      '10.0.0.0/8',
      ' 192.0.2.0/24 ',
    ]);
  });

  it('is not a number where none was typed', () => {
    expect(inputEdit({ latencyMs: '12 ms' }, input())['latencyMs']).toBeNaN();
  });
});

describe('an edit of encryption', () => {
  it.each([
    ['locked is absent', {}, undefined],
    ['off is null', { 'encryption.keyLength': '128' }, null],
    ['on without a key keeps the kept one', { encryption: 'on', 'encryption.keyLength': '192' }, { keyLength: 192 }],
    [
      'on with a key changes it',
      { encryption: 'on', 'encryption.keyLength': '256', 'encryption.passphrase': 'a new secret' },
      { keyLength: 256, passphrase: 'a new secret' },
    ],
  ])('that is %s', (_what, form, expected) => expect(inputEdit(form, input())['encryption']).toEqual(expected));
});

/** All that a form sends, since each protocol's fields are in it. */
const everything = {
  latencyMs: 'not seen',
  'encryption.keyLength': '128',
  encryption: 'on',
  'encryption.passphrase': 'x',
  bareTs: 'on',
  ttl: '3',
  'destinations.primary.host': 'a.example',
  'destinations.primary.port': '1',
  'destinations.primary.url': 'rtmp://a.example/app',
  'destinations.primary.streamKey': 'k',
};

const prefixed = (prefix: string): Record<string, string> =>
  Object.fromEntries(Object.entries(everything).map(([name, value]) => [prefix + name, value]));

const fieldsOf = (draft: object): string[] =>
  Object.keys(draft).filter((name) => !['name', 'description', 'regionId', 'allowlist', 'protocol'].includes(name));

describe('the fields of a protocol that was not chosen', () => {
  it.each([
    ['srt', ['latencyMs', 'encryption']],
    ['rtmp', []],
    ['rtp', ['bareTs']],
  ])('are not in the draft of an input by %s', (protocol, fields) => {
    expect(fieldsOf(flowDraft({ ...prefixed('input.'), 'input.protocol': protocol }).input)).toEqual(fields);
    expect(fieldsOf(inputEdit({ ...everything, protocol }, rtmpInput()))).toEqual(fields);
  });

  it.each([
    ['srt', output(), ['destinations', 'latencyMs', 'encryption'], { host: 'a.example', port: 1 }],
    ['rtmp', rtmpOutput(), ['destinations'], { url: 'rtmp://a.example/app', streamKey: 'k' }],
    ['rtp', rtpOutput(), ['destinations', 'ttl', 'bareTs'], { host: 'a.example', port: 1 }],
  ])('are not in the draft of an output by %s', (protocol, kept, fields, primary) => {
    for (const draft of [outputDraft({ ...everything, protocol }), outputEdit(everything, kept)]) {
      expect(fieldsOf(draft)).toEqual(fields);
      expect(draft).toMatchObject({ destinations: { primary } });
    }
  });

  it('are told by the kept protocol where the choice was locked', () => {
    expect(fieldsOf(inputEdit(everything, rtpInput()))).toEqual(['bareTs']);
  });
});

describe('an edit of failover', () => {
  const edit = (form: Record<string, string>): unknown => inputEdit(form, input())['failover'];

  it.each<[string, Record<string, string>, unknown]>([
    ['off', { failover: 'off', 'failover.preferred': 'primary', 'failover.autoReturn': 'yes' }, null],
    [
      'on',
      { failover: 'on', 'failover.preferred': 'backup', 'failover.autoReturn': 'no' },
      { preferred: 'backup', autoReturn: false },
    ],
    ['locked off: nothing', {}, undefined],
    [
      'locked on: only what is preferred',
      { 'failover.preferred': 'backup', 'failover.autoReturn': 'yes' },
      { preferred: 'backup', autoReturn: true },
    ],
  ])('that is %s', (_, form, wish) => expect(edit(form)).toEqual(wish));
});

describe('a stream key that is left empty', () => {
  const form = { 'destinations.primary.url': 'rtmp://a.example/app', 'destinations.primary.streamKey': '' };

  it('is a fault of a new output, and of an edit the wish to keep it', () => {
    expect(outputDraft({ ...form, protocol: 'rtmp' })['destinations']).toEqual({
      primary: { url: 'rtmp://a.example/app', streamKey: '' },
    });
    expect(outputEdit(form, rtmpOutput())['destinations']).toEqual({ primary: { url: 'rtmp://a.example/app' } });
  });

  it('of a backup without a URL asks for no backup', () => {
    const empty = { 'destinations.backup.url': ' ', 'destinations.backup.streamKey': '' };
    expect(outputEdit({ ...form, ...empty }, rtmpOutput())['destinations']).not.toHaveProperty('backup');
  });
});

describe('the values of a form', () => {
  it('hold no secret', () => {
    const key = { keyLength: 256, passphrase: 'canary-passphrase' } as const;
    const values = [
      inputValues(flow({ input: input({ encryption: key }) })),
      inputValues(flow({ input: rtmpInput() })),
      outputValues(output({ encryption: key })),
      outputValues(rtmpOutput()),
    ];
    expect(JSON.stringify(values)).not.toMatch(/canary|key-of/);
  });

  it('say how failover stands', () => {
    const guarded = flow({ input: rtpInput({ failover: { ...failover, preferred: 'backup', autoReturn: false } }) });
    expect(inputValues(guarded)).toMatchObject({
      failover: 'on',
      'failover.preferred': 'backup',
      'failover.autoReturn': 'no',
    });
  });
});
