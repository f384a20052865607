import { describe, expect, it } from 'vitest';
import type { ServerEvent } from '../../db/server-events.ts';
import type { Actor } from '../../server/flows.ts';
import { tellingFlows } from '../../server/told.ts';
import { createConsoleHouse, flowDraft, outputDraft } from '../kit/console-house.ts';

function openTold(actor: Actor) {
  const noted: ServerEvent[] = [];
  let at = 0;
  const told = { say: () => {}, note: (event: ServerEvent) => void noted.push(event), now: () => ++at };
  const { flows } = createConsoleHouse();
  return {
    flows: tellingFlows(flows, told).by(actor),
    lines: () => noted.map(({ code, facts }) => [code, facts]),
    noted,
  };
}

describe('what operators do', () => {
  it('is told with the way in, and of the API with the id of the key', async () => {
    const { flows, lines } = openTold({ way: 'api', key: 'key-1' });
    const { id } = await flows.create(flowDraft('News'));
    const output = await flows.addOutput(id, outputDraft('Studio', 7001));
    await flows.start(id);
    await flows.stop(id);
    await flows.deleteOutput(id, output.id);
    await flows.delete(id);
    const by = { by: 'api', key: 'key-1' };
    expect(lines()).toEqual([
      ['flow-created', by],
      ['output-created', { output: 'Studio', ...by }],
      ['flow-started', by],
      ['flow-stopped', by],
      ['output-deleted', { output: 'Studio', ...by }],
      ['flow-deleted', by],
    ]);
  });

  it('is told of a duplicate with what it was made from, and of an import as such', async () => {
    const { flows, noted, lines } = openTold({ way: 'console' });
    const { id } = await flows.create(flowDraft('News'));
    const copy = await flows.duplicate(id);
    const imported = await flows.add({ draft: flowDraft('Sport'), outputs: [] });
    expect(lines().slice(1)).toEqual([
      ['flow-duplicated', { from: 'News', fromId: id, by: 'console' }],
      ['flow-imported', { by: 'console' }],
    ]);
    expect(noted.slice(1).map(({ flow }) => flow.id)).toEqual([copy.id, imported.id]);
  });

  it('that another revision is expected for is refused, and not told', async () => {
    const { flows, noted } = openTold({ way: 'api', key: 'key-1' });
    const { id } = await flows.create(flowDraft('News'));
    await expect(flows.rename(id, { name: 'Sport' }, { expectedRevision: 7 })).rejects.toThrow('changed');
    await expect(flows.delete(id, { expectedRevision: 7 })).rejects.toThrow('changed');
    expect(noted).toHaveLength(1);
  });

  it('names the fields that are another now, and never what is in them', async () => {
    const { flows, lines } = openTold({ way: 'console' });
    const { id } = await flows.create(flowDraft('News'));
    const output = await flows.addOutput(id, outputDraft('Studio', 7001));
    const { input } = await flows.get(id);
    await flows.editInput(id, { name: input.name, allowlist: ['192.0.2.0/24'] });
    const encryption = { keyLength: 256, passphrase: 'a secret passphrase' } as const;
    await flows.editOutput(id, output.id, { encryption });
    await flows.rename(id, { name: 'Sport' });
    expect(lines().slice(2)).toEqual([
      ['input-edited', { input: 'Camera 1', fields: 'allowlist', by: 'console' }],
      ['output-edited', { output: 'Studio', fields: 'encryption', by: 'console' }],
      ['flow-renamed', { from: 'News', by: 'console' }],
    ]);
    expect(JSON.stringify(lines())).not.toContain('a secret passphrase');
  });

  it('that changes nothing is not told', async () => {
    const { flows, noted } = openTold({ way: 'console' });
    const { id } = await flows.create(flowDraft('News'));
    await flows.addOutput(id, outputDraft('Studio', 7001));
    await flows.start(id);
    const before = noted.length;
    await flows.start(id);
    await flows.rename(id, { name: 'News' });
    await flows.editInput(id, { allowlist: ['0.0.0.0/0'] });
    expect(noted).toHaveLength(before);
  });

  it('that is refused is not told', async () => {
    const { flows, noted } = openTold({ way: 'console' });
    const { id } = await flows.create(flowDraft('News'));
    await expect(flows.start(id)).rejects.toThrow('output');
    expect(noted).toHaveLength(1);
  });

  it('has the time at which it was asked for, not that of its end', async () => {
    const { flows, noted } = openTold({ way: 'console' });
    const { id } = await flows.create(flowDraft('News'));
    await flows.addOutput(id, outputDraft('Studio', 7001));
    expect(noted.map(({ at }) => at)).toEqual([1, 2]);
  });
});
