import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../../db/history-model.ts';
import { type Following, LogAnswer, type LogListView } from '../../web/views/log-answer.tsx';
import { typeLabel } from '../../web/views/words-log.ts';
import { logEvent } from '../kit/history.ts';

const list = (events: readonly LogEvent[], some: Partial<LogListView> = {}): LogListView => ({
  flowId: 'flow-1',
  token: 'abc',
  events: events.map((event) => ({ ...event, type: 'input-primary' })),
  isOldestFirst: false,
  ...some,
});

const shown = (view: LogListView, following: Following = 'off', isFirstPage = true): string => {
  const answer = { list: view, following, query: 'last=900&text=a"b', isFirstPage };
  return (<LogAnswer view={{ flowId: 'flow-1', shown: answer }} />).toString();
};

describe('a row of the log', () => {
  it('marks trouble with a shape and a word', () => {
    const grave = shown(list([logEvent({ code: 'capped' })]));
    expect(grave).toMatch(/<tr id="event-relay-1-boot-1-1" class="grave">/);
    expect(grave).toMatch(/<svg class="icon icon-alert".*<\/svg>Trouble<\/span>/s);
    expect(shown(list([logEvent({ code: 'connected' })]))).not.toContain('Trouble');
  });

  it('says how often it happened only where it was more than once', () => {
    expect(shown(list([logEvent({ count: 1200 })]))).toContain('(1,200 times)');
    expect(shown(list([logEvent({ count: 1 })]))).not.toContain('times');
  });

  it('shows the code and the peer, IPv6 in brackets, and escapes what others wrote', () => {
    const text = shown(list([logEvent({ name: '<i>', peer: { address: '2001:db8::7', port: 9000 } })]));
    expect(text).toContain('<code>connected</code><code>[2001:db8::7]:9000</code>');
    expect(text).toContain('<td class="name">&lt;i&gt;</td>');
  });

  it('has its time in UTC, to be shown in the zone of the reader', () => {
    const text = shown(list([logEvent({ at: Date.UTC(2026, 10, 24, 3, 12, 45, 120) })]));
    expect(text).toContain(
      '<time datetime="2026-11-24T03:12:45.120Z" data-zoned="true">2026-11-24 03:12:45 UTC</time>',
    );
  });
});

describe('the answer of the log', () => {
  it.each([
    ['following', 'Connecting to follow new events…'],
    ['on-older-page', 'Paused on an older page'],
    ['off', 'Paused: new events come with Confirm'],
    ['range-ended', 'Not followed: the range has an end'],
    ['oldest-first', 'Not followed: oldest first'],
  ] as const)('that is %s says so, and never that it is live', (following, said) => {
    const text = shown(list([]), following);
    expect(text).toContain(said);
    expect(text).not.toContain('Live');
  });

  it('leads on and back by what the order calls it', () => {
    expect(shown(list([], { next: 'cursor=1.1' }))).toContain('Older events');
    expect(shown(list([], { next: 'cursor=1.1', isOldestFirst: true }))).toContain('Later events');
    expect(shown(list([]), 'on-older-page', false)).toContain('Newest events');
    expect(shown(list([]))).not.toContain('log-more');
  });

  it('has its file for the same question', () => {
    expect(shown(list([]))).toContain('href="/flows/flow-1/log/events.csv?last=900&amp;text=a&quot;b"');
  });

  it('says why it was refused, and shows nothing then', () => {
    const text = (<LogAnswer view={{ flowId: 'flow-1', refusal: 'To: too long.' }} />).toString();
    expect(text).toContain('role="alert"');
    expect(text).not.toContain('log-csv');
  });

  it('has words for each type', () => {
    expect(typeLabel('output-backup')).toBe('Output backup');
    expect(typeLabel('flow')).toBe('Flow');
  });
});
