import { describe, expect, it } from 'vitest';
import { flowDraft, inputEdit, outputDraft, shownAgain } from '../../../server/http/console-drafts.ts';

describe('a form that is shown again', () => {
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
    expect(flowDraft({ 'input.latencyMs': ' ' }).input).not.toHaveProperty('latencyMs');
    expect(outputDraft({ 'destinations.backup.host': ' ' }).destinations).not.toHaveProperty('backup');
  });

  it('has the ranges of an allowlist without empty lines', () => {
    expect(inputEdit({ allowlist: '10.0.0.0/8\r\n\r\n 192.0.2.0/24 \n' }).allowlist).toEqual([
      '10.0.0.0/8',
      ' 192.0.2.0/24 ',
    ]);
  });

  it('is not a number where none was typed', () => {
    expect(inputEdit({ latencyMs: '12 ms' }).latencyMs).toBeNaN();
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
  ])('that is %s', (_what, form, expected) => expect(inputEdit(form).encryption).toEqual(expected));
});
