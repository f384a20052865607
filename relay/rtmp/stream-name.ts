/**
 * How encoders spell app and stream key, and how a destination URL is taken apart.
 * RTMP has no standard for either; what is handled here was seen from OBS, ffmpeg, GStreamer, vMix and hardware encoders.
 */

/** `query` is what stood behind a '?', without it; '' when there was none. */
export interface StreamName {
  readonly app: string;
  readonly key: string;
  readonly query: string;
}

/**
 * The ways to read what an encoder sent as `app` (of connect) and `name` (of publish), likeliest first, each once.
 *
 * Both may end in '/', hold a query, or be percent-encoded; the name may begin with "flv:" or "mp4:" or repeat the
 * app; an encoder with a single URL field may put the key at the end of the app and leave the name empty; ffmpeg splits
 * its URL at the last '/', even one in the query; and a key or an app may itself hold '/' or '?'.
 */
export function spellings(app: string, name: string): StreamName[] {
  const plainApp = split(app);
  const plainName = split(name.replace(/^(flv|mp4):/, ''));
  const query = [plainName.query, plainApp.query].filter((part) => part !== '').join('&');
  const base = trim(plainApp.path);
  const key = trim(plainName.path);
  const candidates: StreamName[] = [
    { app: base, key, query },
    { app: base, key: withoutPrefix(key, `${base}/`), query },
    lastSegment(`${base}/${key}`, query),
    lastSegmentOf(`${app}/${name}`),
    { app: base, key: trim(name), query: '' },
    { app: trim(app), key: trim(name), query: '' },
  ];
  const all = candidates.flatMap((candidate) => [candidate, decoded(candidate)]);
  const seen = new Set<string>();
  return all.filter((candidate) => {
    const id = JSON.stringify([candidate.app, candidate.key]);
    const isNew = candidate.key !== '' && !seen.has(id);
    seen.add(id);
    return isNew;
  });
}

/** Where a push goes. `tcUrl` is what connect sends: never with the name in it. */
export interface RtmpDestination {
  readonly tls: boolean;
  readonly host: string;
  readonly port: number;
  readonly app: string;
  /** The stream key with its query: a secret. */
  readonly name: string;
  readonly tcUrl: string;
}

const pattern = /^(rtmps?):\/\/(\[[0-9a-f:.]+\]|[^/?#@:[\]\s]+)(?::(\d{1,5}))?\/(\S*)$/i;
const ports = { rtmp: 1935, rtmps: 443 } as const;

/**
 * Takes apart `rtmp[s]://host[:port]/app[/more][/name[?query]]`, or undefined when it is no such URL.
 * With `streamName` the whole path (and its query) is the app; without, the last segment of the path is the name.
 * Nothing is decoded: platforms compare keys as they were shown to the user. A user and password are not taken.
 */
export function parseDestination(url: string, streamName?: string): RtmpDestination | undefined {
  const [, scheme = '', bracketed = '', portText, path = ''] = pattern.exec(url) ?? [];
  const tls = scheme.toLowerCase() === 'rtmps';
  const port = portText === undefined ? ports[tls ? 'rtmps' : 'rtmp'] : Number(portText);
  const { app, name } = streamName === undefined ? splitPath(path) : { app: trimEnd(path), name: streamName };
  if (scheme === '' || port < 1 || port > 65_535 || app === '' || name === '') return undefined;
  const authority = portText === undefined ? bracketed : `${bracketed}:${port}`;
  const tcUrl = `${scheme.toLowerCase()}://${authority}/${app}`;
  return { tls, host: bracketed.replace(/^\[|\]$/g, ''), port, app, name, tcUrl };
}

/**
 * Words of a peer made fit for a log: without the secret name, whole or in part, without control characters or
 * characters that turn the direction of text, and at most 200 characters long.
 */
export function redacted(words: string, name: string): string {
  const { path, query } = split(name);
  const secrets = [name, path, query, percentDecoded(name), percentDecoded(path)].filter((part) => part.length > 2);
  const clean = secrets.reduce((text, part) => text.replaceAll(part, '…'), words);
  return clean.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ').slice(0, 200);
}

/** The query of a URL without a separate name belongs to the name; slashes inside a query do not split. */
function splitPath(path: string): { app: string; name: string } {
  const { path: plain, query } = split(path);
  const slash = plain.lastIndexOf('/');
  if (slash < 0) return { app: '', name: '' };
  const name = plain.slice(slash + 1);
  return { app: plain.slice(0, slash), name: query === '' || name === '' ? name : `${name}?${query}` };
}

function split(text: string): { path: string; query: string } {
  const mark = text.indexOf('?');
  return mark < 0 ? { path: text, query: '' } : { path: text.slice(0, mark), query: text.slice(mark + 1) };
}

function lastSegmentOf(whole: string): StreamName {
  const { path, query } = split(whole);
  return lastSegment(path, query);
}

function lastSegment(path: string, query: string): StreamName {
  const whole = trim(path);
  const slash = whole.lastIndexOf('/');
  return { app: whole.slice(0, Math.max(0, slash)), key: whole.slice(slash + 1), query };
}

const trimEnd = (path: string): string => (path.endsWith('/') ? path.slice(0, -1) : path);

const trim = (path: string): string => trimEnd(path.startsWith('/') ? path.slice(1) : path);

const withoutPrefix = (text: string, prefix: string): string =>
  text.startsWith(prefix) ? text.slice(prefix.length) : text;

const decoded = ({ app, key, query }: StreamName): StreamName => ({
  app: percentDecoded(app),
  key: percentDecoded(key),
  query,
});

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not percent-encoded after all: a lone '%' belongs to the name.
    return text;
  }
}
