import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../../db/history-model.ts';
import { logFileName, openLogCsv } from '../../server/log-csv.ts';
import type { LogDesk } from '../../server/log-desk.ts';
import { Refusal } from '../../server/refusal.ts';
import { logEvent } from '../kit/history.ts';
import { memoryLog } from '../kit/memory-log.ts';

const question = { flowId: 'flow-1', from: 0, to: 1000 };
const sentenceOf = ({ code }: LogEvent): string => `It ${code}, and more.`;
const textOf = async (log: LogDesk): Promise<string> =>
  new Response(await openLogCsv({ log, question, sentenceOf })).text();

describe('the log as a file', () => {
  it('has a head and a line for each event, in UTC', async () => {
    const peer = { address: '2001:db8::7', port: 9000 };
    const text = await textOf(
      memoryLog([logEvent({ at: 1_700_000_000_123, peer, count: 3, facts: { cause: 'idle' } })]),
    );
    expect(text).toBe(
      'time,type,role,pipeline,endpoint,name,code,message,address,port,count,facts\r\n' +
        '2023-11-14T22:13:20.123Z,input-primary,input,primary,input,Camera,connected,"It connected, and more.",2001:db8::7,9000,3,"{""cause"":""idle""}"\r\n',
    );
  });

  it('leaves empty what an event of the whole flow does not have', async () => {
    const event = logEvent({ role: 'flow', pipeline: undefined, endpointId: 'flow-1', name: 'News' });
    expect(await textOf(memoryLog([event]))).toContain(
      'Z,flow,flow,,flow-1,News,connected,"It connected, and more.",,,1,{}',
    );
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1'])('makes no formula of a name such as %j', async (name) => {
    const [, line = ''] = (await textOf(memoryLog([logEvent({ name })]))).split('\r\n');
    expect(line.split(',')[5]).toBe(`'${name}`);
  });

  it('keeps a name with quotes, commas and line ends in one cell', async () => {
    expect(await textOf(memoryLog([logEvent({ name: 'A "B",\r\nC' })]))).toContain(',"A ""B"",\r\nC",');
  });

  it('is read as it is sent, and no further once nobody takes it', async () => {
    let read = 0;
    let ended = false;
    async function* each(): AsyncGenerator<LogEvent> {
      try {
        for (;;) yield logEvent({ seq: ++read, facts: { filler: 'x'.repeat(1000) } });
      } finally {
        ended = true;
      }
    }
    const reader = (await openLogCsv({ log: { ...memoryLog(), each }, question, sentenceOf })).getReader();
    await reader.read();
    expect(read).toBeLessThan(300);
    await reader.cancel();
    expect(ended).toBe(true);
  });

  it('is refused before anything of it is sent', async () => {
    async function* each(): AsyncGenerator<LogEvent> {
      yield* [];
      throw new Refusal('range-too-long');
    }
    await expect(openLogCsv({ log: { ...memoryLog(), each }, question, sentenceOf })).rejects.toThrow(
      'shorter than 24',
    );
  });
});

describe('its name', () => {
  const range = { from: Date.UTC(2026, 10, 24, 3, 12, 45), to: Date.UTC(2026, 10, 24, 4, 0, 0) };

  it.each([
    ['Evening news, main feed', 'log-Evening-news-main-feed-20261124T031245Z-20261124T040000Z.csv'],
    ['../../etc "x"', 'log-etc-x-20261124T031245Z-20261124T040000Z.csv'],
    ['新闻', 'log-新闻-20261124T031245Z-20261124T040000Z.csv'],
    ['***', 'log-20261124T031245Z-20261124T040000Z.csv'],
  ])('is of the flow %j and its range', (flow, name) => {
    expect(logFileName(flow, range)).toBe(name);
  });
});
