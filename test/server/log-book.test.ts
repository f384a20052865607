import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../../db/model.ts';
import type { RelayEvent } from '../../relay/contract/messages.ts';
import { createLogBook, type LogBook } from '../../server/log-book.ts';
import { flow, output, regions } from '../kit/samples.ts';
import { until } from '../kit/until.ts';

const told = (changes: Partial<RelayEvent> = {}): RelayEvent => ({
  seq: 7,
  at: 1000,
  flowId: 'flow-1',
  pipeline: 'backup',
  endpoint: 'input',
  role: 'source',
  code: 'refused',
  peer: { address: '192.0.2.7', port: 1 },
  count: 2,
  facts: { cause: 'passphrase-wrong' },
  ...changes,
});

function openBook() {
  const kept: LogEvent[] = [];
  const complaints: string[] = [];
  const state = { isDown: false };
  const here = flow({ id: 'flow-1', name: 'News', outputs: [output({ id: 'out-1', name: 'Studio' })] });
  const book: LogBook = createLogBook({
    desk: {
      append: async (events) => {
        if (state.isDown) throw new Error('the disk is full');
        kept.push(...events);
      },
    },
    flow: (id) => (id === here.id ? here : undefined),
    regions: () => regions,
    boot: 'server-boot',
    now: () => 5000,
    complain: (what) => complaints.push(what),
  });
  return { book, kept, complaints, state, here };
}

describe('what a relay tells', () => {
  it('becomes a line with the name that the operator gave, under the number that the relay gave', async () => {
    const { book, kept, here } = openBook();
    await book.take('europe-2', { boot: 'b', events: [told()] });
    expect(kept).toEqual([
      {
        relay: 'europe-2',
        boot: 'b',
        seq: 7,
        at: 1000,
        flowId: 'flow-1',
        pipeline: 'backup',
        endpointId: 'input',
        role: 'input',
        name: here.input.name,
        code: 'refused',
        peer: { address: '192.0.2.7', port: 1 },
        count: 2,
        facts: { cause: 'passphrase-wrong' },
      },
    ]);
  });

  it.each([
    ['sink', 'out-1', 'output', 'Studio'],
    ['sink', 'gone', 'output', 'A former output'],
    ['source', 'cross', 'input', 'Link from the other pipeline'],
    ['sink', 'cross', 'output', 'Link to the other pipeline'],
    ['sink', 'hop:nowhere', 'output', 'Link to nowhere'],
  ] as const)('of %s %s is about the %s %s', async (role, endpoint, as, name) => {
    const { book, kept } = openBook();
    await book.take('europe-2', { boot: 'b', events: [told({ role, endpoint })] });
    expect(kept[0]).toMatchObject({ role: as, name, endpointId: endpoint });
  });

  it('is not confirmed while it cannot be kept', async () => {
    const { book, state } = openBook();
    state.isDown = true;
    await expect(book.take('europe-2', { boot: 'b', events: [told()] })).rejects.toThrow('the disk is full');
  });

  it('of a flow that was deleted since is kept', async () => {
    const { book, kept } = openBook();
    await book.take('europe-2', { boot: 'b', events: [told({ flowId: 'deleted' })] });
    expect(kept[0]).toMatchObject({ flowId: 'deleted', name: 'A former input' });
  });
});

describe("the server's own events", () => {
  const started = { flow: { id: 'flow-1', name: 'News' }, code: 'flow-started', facts: { by: 'console' } } as const;

  it('are lines of the flow, numbered from 0', async () => {
    const { book, kept } = openBook();
    book.note(started);
    book.note({ ...started, code: 'flow-stopped', at: 4000 });
    await book.close();
    const line = { relay: 'server', boot: 'server-boot', flowId: 'flow-1', endpointId: 'flow', role: 'flow', count: 1 };
    expect(kept).toEqual([
      { ...line, seq: 0, at: 5000, name: 'News', code: 'flow-started', facts: { by: 'console' } },
      { ...line, seq: 1, at: 4000, name: 'News', code: 'flow-stopped', facts: { by: 'console' } },
    ]);
  });

  it('wait for a log that cannot be written, and are told once it can', async () => {
    const { book, kept, complaints, state } = openBook();
    state.isDown = true;
    book.note(started);
    await until('the first try has failed', () => complaints.length > 0);
    state.isDown = false;
    book.note(started);
    await until('both are kept', () => kept.length === 2);
    expect(kept.map(({ seq }) => seq)).toEqual([0, 1]);
  });

  it('are bounded while they wait, and what is given up is said', async () => {
    const { book, complaints, state } = openBook();
    state.isDown = true;
    for (let i = 0; i < 2003; i++) book.note(started);
    expect(complaints.filter((what) => what === 'log event given up')).toHaveLength(3);
  });
});
