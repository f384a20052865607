import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../../../db/history-model.ts';
import type { LogDesk } from '../../../server/log-desk.ts';
import { type ConsoleClient, signIn } from '../../kit/console-client.ts';
import { type ConsoleHouse, createConsoleHouse, flowDraft } from '../../kit/console-house.ts';
import { logEvent } from '../../kit/history.ts';
import { keptLog, manyEvents } from '../../kit/kept-log.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

interface Opened {
  readonly house: ConsoleHouse;
  readonly log: LogDesk;
  readonly flowId: string;
  readonly get: (rest?: string, headers?: Record<string, string>) => ReturnType<ConsoleClient['get']>;
}

/** A signed-in browser, and a flow with these events in a log that is really kept. */
async function open(eventsOf: (flowId: string) => readonly LogEvent[] = () => []): Promise<Opened> {
  const house = createConsoleHouse();
  const log = await keptLog();
  const browser = await signIn(house, undefined, log);
  const { id: flowId } = await house.flows.create(flowDraft('News'));
  const events = eventsOf(flowId);
  if (events.length > 0) await log.append(events);
  return { house, log, flowId, get: (rest = '', headers = {}) => browser.get(`/flows/${flowId}/log${rest}`, headers) };
}

const rowsOf = (text: string): number => text.match(/<tr id="event-/g)?.length ?? 0;
const sample = (flowId: string): readonly LogEvent[] => [
  logEvent({ flowId, seq: 1, at: Date.now() - 3000, name: '<b>Camera</b>' }),
  logEvent({ flowId, seq: 2, at: Date.now() - 2000, role: 'output', pipeline: 'backup', name: 'Studio', count: 37 }),
  logEvent({
    flowId,
    seq: 3,
    at: Date.now() - 1000,
    role: 'flow',
    pipeline: undefined,
    name: 'News',
    code: 'flow-started',
    facts: { by: 'console' },
  }),
];

describe('the Log tab', () => {
  it('shows the last 15 minutes at first, newest first, and asks to follow them', async () => {
    const { get } = await open(sample);
    const { status, text } = await get();
    expect(status).toBe(200);
    expect(text).toContain('/static/log.js');
    expect(text).toContain('data-follow="last=900"');
    expect(rowsOf(text)).toBe(3);
    expect(text.indexOf('Flow started')).toBeLessThan(text.indexOf('Connected'));
    expect(text).toContain('(37 times)');
    expect(text).toContain('&lt;b&gt;Camera&lt;/b&gt;');
    expect(text).toContain('<td class="type">Output backup</td><td class="name">Studio</td>');
  });

  it('filters by types and text, and gives the answer alone to htmx', async () => {
    const { get } = await open(sample);
    expect(rowsOf((await get('?type=flow&type=output-backup')).text)).toBe(2);
    const { text } = await get('?type=flow&text=STARTED', { 'HX-Request': 'true', 'HX-Request-Type': 'partial' });
    expect(rowsOf(text)).toBe(1);
    expect(text).toMatch(/^<section id="log-answer"/);
  });

  it('says what would appear, or that nothing matched and how to see all', async () => {
    const { get } = await open();
    expect((await get()).text).toContain('Nothing happened in this range.');
    const { text, status } = await get('?last=3600&text=%25&type=flow');
    expect([status, text.includes('No event in this range has these types and this text.')]).toEqual([200, true]);
    expect(text).toMatch(/id="log-clear" href="\/flows\/[^?]+\/log\?last=3600"/);
  });

  it('shows the oldest first where that is asked, and says that it does not follow then', async () => {
    const { get } = await open(sample);
    const { text } = await get('?order=oldest-first');
    expect(text.indexOf('Flow started')).toBeGreaterThan(text.indexOf('Connected'));
    expect(text).toContain('Not followed: oldest first');
    expect(text).not.toContain('data-follow=');
  });

  it('refuses a day, the past that is gone, and no time at all, each with a sentence at its field', async () => {
    const { get } = await open();
    const now = Date.now();
    const refused = async (query: string): Promise<readonly [number, string | undefined]> => {
      const { status, text } = await get(query);
      expect(text).not.toContain('id="log-list"');
      return [status, /class="notice bad".*?<div>(.*?)<\/div>/s.exec(text)?.[1]];
    };
    expect(await refused(`?from=${now - DAY}&to=${now}`)).toEqual([
      422,
      'To: A range is shorter than 24 hours. Ask for several.',
    ]);
    expect(await refused(`?from=${now - 8 * DAY}&to=${now - 8 * DAY + MINUTE}`)).toEqual([
      422,
      'From: The range begins before the days that are kept. Begin it later.',
    ]);
    expect(await refused('?from=yesterday')).toEqual([422, 'From: Enter a date and a time.']);
    expect((await refused('?cursor=nonsense'))[1]).toMatch(/^This is no cursor of ours/);
  });

  it('offers the last 24 hours, which are a second less', async () => {
    expect((await (await open()).get('?last=86399')).status).toBe(200);
  });

  it('shows what a relay told whose clock is a little ahead', async () => {
    const { get } = await open((flowId) => [logEvent({ flowId, at: Date.now() + 2000 })]);
    expect(rowsOf((await get()).text)).toBe(1);
  });

  it('leads to older events of the range as it was', async () => {
    const { get } = await open((flowId) => manyEvents(flowId, 210, Date.now() - 1000));
    const { text } = await get('?last=3600&type=input-primary');
    const more = /id="log-more" href="\/flows\/[^/]+\/log([^"]+)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect(more).toMatch(/^\?last=3600&until=\d+&type=input-primary&cursor=/);
    const older = (await get(more)).text;
    expect(rowsOf(older)).toBe(10);
    expect(older).toContain('Paused on an older page');
    expect(older).toMatch(/id="last-3600"[^>]*checked/);
  });

  it('is not for who has no session, nor of a flow that is not there', async () => {
    const { house, get } = await open();
    house.endSessions();
    expect((await get()).status).toBe(303);
    expect((await get('/events.csv')).status).toBe(303);
    const browser = await signIn(house);
    expect((await browser.get('/flows/none/log')).status).toBe(404);
  });
});

describe('its file', () => {
  it('has every event of the filters, under the name of the flow', async () => {
    const { get } = await open((flowId) => manyEvents(flowId, 600, Date.now() - 1000));
    const { text, headers } = await get('/events.csv?last=3600&type=input-primary');
    expect(text.trimEnd().split('\r\n')).toHaveLength(601);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(headers.get('content-disposition')).toMatch(
      /^attachment; filename="log-News-\d{8}T\d{6}Z-\d{8}T\d{6}Z.csv"/,
    );
  });

  it('is refused as a problem', async () => {
    const { get } = await open();
    const { status, text } = await get('/events.csv?from=1');
    expect([status, text]).toEqual([422, expect.stringContaining('range-too-long')]);
  });
});
