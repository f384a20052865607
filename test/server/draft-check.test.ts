import { describe, expect, it } from 'vitest';
import { faultsIn, parseWhole } from '../../server/draft-check.ts';
import { flowDraftSchema, outputDraftSchema } from '../../server/drafts.ts';
import { createConsoleHouse, flowDraft } from '../kit/console-house.ts';

const house = createConsoleHouse();
const fieldsOf = async (check: () => Promise<unknown>) =>
  (await faultsIn(check)).map(({ field, code }) => `${field}: ${code}`);

describe('a draft that is wrong in several ways', () => {
  it('is told all of them at once, those of the schema and those of the rules', async () => {
    const draft = {
      ...flowDraft(''),
      maxBitrate: 7,
      input: { ...flowDraft('').input, latencyMs: 5, allowlist: ['10.0.0.1/8', '0.0.0.0/0', 'x'] },
    };
    const faults = await fieldsOf(() => parseWhole(flowDraftSchema, draft, (it) => house.flows.check.create(it)));
    expect(faults).toEqual([
      'name: invalid',
      'input.latencyMs: invalid',
      'maxBitrate: bandwidth-not-offered',
      'input.allowlist.0: cidr-host-bits',
      'input.allowlist.2: cidr-invalid',
    ]);
  });

  it('has each fault but once, and none of what stands in for a wrong field', async () => {
    const draft = { ...flowDraft('Named'), regionId: '', maxBitrate: undefined };
    const faults = await fieldsOf(() => parseWhole(flowDraftSchema, draft, (it) => house.flows.check.create(it)));
    expect(faults).toEqual(['regionId: invalid', 'maxBitrate: invalid']);
  });

  it('of an output hears of its destinations, though its name is missing', async () => {
    const { id, input } = await house.flows.create(flowDraft('Named'));
    const draft = {
      name: '',
      regionId: 'europe',
      protocol: 'srt',
      destinations: { primary: { host: '127.0.0.1', port: input.ports.primary }, backup: { host: '', port: 9 } },
    };
    const check = () => parseWhole(outputDraftSchema, draft, (it) => house.flows.check.addOutput(id, it));
    expect(await fieldsOf(check)).toEqual([
      'name: invalid',
      'destinations.backup.host: invalid',
      'destinations.primary.port: destination-is-own-input',
    ]);
    expect((await house.flows.get(id)).outputs).toEqual([]);
  });

  it('that is whole is returned as it is', async () => {
    const { name } = await parseWhole(flowDraftSchema, flowDraft('Named'), (it) => house.flows.check.create(it));
    expect(name).toBe('Named');
  });
});
