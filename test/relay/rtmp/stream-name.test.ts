import { describe, expect, it } from 'vitest';
import { parseDestination, redacted, spellings } from '../../../relay/rtmp/stream-name.ts';

describe('the spelling of app and stream key', () => {
  it.each([
    ['plainly', 'live', 'secret', ''],
    ['with a slash behind the app', 'live/', 'secret', ''],
    ['with a slash before the key', 'live', '/secret', ''],
    ['with a slash behind the key', 'live', 'secret/', ''],
    ['with flv: before the key', 'live', 'flv:secret', ''],
    ['with the app before the key', 'live', 'live/secret', ''],
    ['all in the app, the name empty', 'live/secret', '', ''],
    ['with a query behind the key', 'live', 'secret?token=1/2', 'token=1/2'],
    ['with a query that ffmpeg cut in two', 'live/secret?token=1', '2', 'token=1/2'],
    ['with a query behind the app', 'live?token=1', 'secret', 'token=1'],
  ])('%s is read as live and secret at first', (_how, app, name, query) => {
    const readings = spellings(app, name);
    expect(readings).toContainEqual({ app: 'live', key: 'secret', query });
  });

  it('that leads with the likeliest reading needs one look-up for a plain publish', () => {
    expect(spellings('live', 'secret')).toEqual([{ app: 'live', key: 'secret', query: '' }]);
  });

  it.each([
    ['with a slash', 'live', 'eu/secret', { app: 'live', key: 'eu/secret', query: '' }],
    ['with a question mark', 'live', 'se?cret', { app: 'live', key: 'se?cret', query: '' }],
    ['that is percent-encoded', 'live', 'a%2Fb%20c', { app: 'live', key: 'a/b c', query: '' }],
    ['with a lone percent sign', 'live', '100%', { app: 'live', key: '100%', query: '' }],
    ['under an app of two levels', 'eu/live', 'secret', { app: 'eu/live', key: 'secret', query: '' }],
  ])('finds a key %s', (_what, app, name, reading) => {
    expect(spellings(app, name)).toContainEqual(reading);
  });

  it('gives no reading without any name', () => {
    expect(spellings('', '')).toEqual([]);
    expect(spellings('live', '')).toEqual([{ app: '', key: 'live', query: '' }]);
  });
});

describe('a destination', () => {
  it.each([
    ['rtmp://a.example/live2/key', undefined, 1935, 'live2', 'key', 'rtmp://a.example/live2'],
    ['rtmps://a.example/app/key?s_bl=1/2&s=x', undefined, 443, 'app', 'key?s_bl=1/2&s=x', 'rtmps://a.example/app'],
    ['rtmp://a.example:1936/app/inst/key', undefined, 1936, 'app/inst', 'key', 'rtmp://a.example:1936/app/inst'],
    ['rtmp://b.example/live2?backup=1', 'key', 1935, 'live2?backup=1', 'key', 'rtmp://b.example/live2?backup=1'],
    ['rtmp://a.example/app/', 'k/e?y', 1935, 'app', 'k/e?y', 'rtmp://a.example/app'],
    ['rtmp://[::1]:1935/app/key', undefined, 1935, 'app', 'key', 'rtmp://[::1]:1935/app'],
  ])('%s (name apart: %s) is taken apart, the key out of tcUrl', (url, streamName, port, app, name, tcUrl) => {
    expect(parseDestination(url, streamName)).toMatchObject({ port, app, name, tcUrl });
  });

  it.each([
    'http://a.example/live/key',
    'rtmp://a.example/key',
    'rtmp://a.example/live/',
    'rtmp://user:pass@a.example/live/key',
    'rtmp://a.example:70000/live/key',
    'rtmp:///live/key',
    'rtmp://a.example/live/k ey',
    '',
  ])('%s is refused', (url) => {
    expect(parseDestination(url)).toBeUndefined();
  });
});

describe('words of a peer', () => {
  it('lose the key in every spelling, control characters, and length', () => {
    const words = 'publish: s3cret%20key?auth=tok / s3cret key \u001b[31m\u202e';
    const clean = redacted(words + 'x'.repeat(300), 's3cret%20key?auth=tok');
    expect(clean).not.toMatch(/s3cret|auth=tok/);
    expect(clean).not.toMatch(/\p{Cc}|\p{Cf}/u);
    expect(clean.length).toBe(200);
  });
});
