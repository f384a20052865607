/** Flows to and from a file: exported as they are, imported after the whole of the file was looked at. */
import { z } from 'zod';
import type { Flow } from '../db/model.ts';
import { streamKeySchema } from '../relay/contract/settings.ts';
import { type FlowCopy, freeName } from './copies.ts';
import { faultsOf, flowDraftSchema, outputDraftSchema, parseDraft } from './drafts.ts';
import type { Flows } from './flows.ts';
import { type FieldFault, Refusal, refusals } from './refusal.ts';
import { fileSchema, openFile, type TransferFile, writeFile } from './transfer-file.ts';

const passphrase = z
  .string()
  .min(12, 'The passphrase of a file has 12 characters or more.')
  .max(256, 'The passphrase of a file has 256 characters or fewer.');

export const exportSchema = z
  .object({
    flowIds: z.array(z.string().max(64)).min(1).max(1000).optional().describe('Absent: all flows'),
    passphrase: passphrase.optional().describe('Absent: secrets are left out, and named'),
  })
  .strict();

export const importSchema = z
  .object({
    file: z.looseObject({}).describe('A file as POST /export gives it'),
    passphrase: z.string().max(256).optional().describe('The one that the file was exported with'),
    dryRun: z.boolean().default(false).describe('Look at the whole, and make nothing'),
    names: z
      .enum(['refuse', 'rename', 'allow'])
      .default('refuse')
      .describe('Where a flow of this name is there: refuse the file, add a number, or have two of that name'),
    keepPorts: z.boolean().default(false).describe('Give each input the ports that it had, where they are free'),
  })
  .strict();

export type ExportWish = z.output<typeof exportSchema>;
export type ImportWish = z.output<typeof importSchema>;

/** What became of one flow of the file. */
export interface Imported {
  readonly name: string;
  /** Absent in a dry run, and where it was refused. */
  readonly flow?: Flow;
  /** Only the ports and the disk can refuse what was looked at before. */
  readonly refusal?: Refusal;
  /** What is not as it was where the file comes from. */
  readonly notes: readonly string[];
}

/** Rejects with a Refusal where a flow is not there. */
export async function exportFlows(flows: Flows, wish: ExportWish, now: number): Promise<TransferFile> {
  const chosen = wish.flowIds
    ? await Promise.all([...new Set(wish.flowIds)].map((id) => flows.get(id)))
    : await flows.list();
  if (chosen.length === 0) throw new Refusal('nothing-to-export');
  return writeFile(chosen, now, wish.passphrase);
}

/** Rejects with a Refusal that names every fault of every flow, and makes nothing then; else it makes one after the other. */
export async function importFlows(flows: Flows, wish: ImportWish): Promise<Imported[]> {
  const file = parseDraft(z.object({ file: fileSchema }), { file: wish.file }).file;
  const items = await openFile(file, wish.passphrase);
  const taken = new Set((await flows.list()).map(({ name }) => name));
  const read = items.map((item, index) => readItem(item, `file.flows.${index}`));
  const copies: FlowCopy[] = [];
  const faults: FieldFault[] = [];
  for (const [index, { copy, faults: found }] of read.entries()) {
    faults.push(...found);
    if (!copy) continue;
    const named = nameOf(copy, taken, wish.names);
    if (!named) faults.push(faultOf('name-taken', `file.flows.${index}.name`));
    copies.push({ ...(named ?? copy), ports: wish.keepPorts ? copy.ports : undefined });
    faults.push(...(await faultsBefore(flows, copy, `file.flows.${index}`)));
  }
  if (faults.length > 0) throw new Refusal('import-refused', faults);
  const made: Imported[] = [];
  for (const [index, copy] of copies.entries())
    made.push(await make(flows, copy, { wish, original: read[index]?.copy }));
  return made;
}

/** Undefined where another flow has the name and that is to be refused. */
function nameOf(copy: FlowCopy, taken: Set<string>, names: ImportWish['names']): FlowCopy | undefined {
  const name = names === 'rename' ? freeName(copy.draft.name, taken) : copy.draft.name;
  if (names === 'refuse' && taken.has(name)) return undefined;
  taken.add(name);
  return { ...copy, draft: { ...copy.draft, name } };
}

async function make(
  flows: Flows,
  copy: FlowCopy,
  { wish, original }: { wish: ImportWish; original: FlowCopy | undefined },
): Promise<Imported> {
  const { name, input } = copy.draft;
  const notes = [
    ...(original && original.draft.name !== name
      ? [`Named ${name}: there is a flow named ${original.draft.name}.`]
      : []),
    ...(input.protocol === 'rtmp' && !copy.streamKeys ? ['New stream keys for the input: the file has none.'] : []),
  ];
  if (wish.dryRun) return { name, notes };
  try {
    const flow = await flows.add(copy);
    const { primary, backup } = flow.input.ports;
    const hasOld = original?.ports?.primary === primary && original.ports.backup === backup;
    return { name, flow, notes: hasOld ? notes : [...notes, `New ports for the input: ${primary} and ${backup}.`] };
  } catch (error) {
    if (error instanceof Refusal) return { name, refusal: error, notes };
    throw error;
  }
}

const portsSchema = z.object({ primary: z.int().min(1).max(65_535), backup: z.int().min(1).max(65_535) });
const keysSchema = z.object({ primary: streamKeySchema, backup: streamKeySchema });

interface ReadItem {
  readonly copy?: FlowCopy;
  readonly faults: readonly FieldFault[];
}

/** Checked by the very schemas that check what an operator sends. */
function readItem({ input, outputs, ...flow }: TransferFile['flows'][number], at: string): ReadItem {
  const { ports, streamKeys, ...link } = input;
  const draft = flowDraftSchema.safeParse({ ...flow, input: link });
  const drafts = outputs.map((output) => outputDraftSchema.safeParse(output));
  const wished = portsSchema.optional().safeParse(ports);
  const keys = keysSchema.optional().safeParse(link['protocol'] === 'rtmp' ? streamKeys : undefined);
  const faults = [
    ...faultsAt(draft, at),
    ...faultsAt(wished, `${at}.input.ports`),
    ...faultsAt(keys, `${at}.input.streamKeys`),
    ...drafts.flatMap((one, index) => faultsAt(one, `${at}.outputs.${index}`)),
  ];
  if (faults.length > 0 || !draft.data) return { faults };
  const copy = {
    draft: draft.data,
    outputs: drafts.flatMap(({ data }) => data ?? []),
    streamKeys: keys.data,
    ports: wished.data,
  };
  return { copy, faults };
}

/** A secret that is absent was left out of the file, which is to be said. */
function faultsAt({ error }: { readonly error?: z.ZodError | undefined }, at: string): FieldFault[] {
  return (error ? faultsOf(error) : []).map((fault) => {
    const field = fault.field === '' ? at : `${at}.${fault.field}`;
    const isAbsent = /(^|\.)(passphrase|streamKey)$/.test(field) && fault.message.includes('received undefined');
    return isAbsent ? faultOf('secret-left-out', field) : { ...fault, field };
  });
}

/** What the rules say of it, as far as it can be known before it is made. */
async function faultsBefore(flows: Flows, copy: FlowCopy, at: string): Promise<readonly FieldFault[]> {
  try {
    await flows.checkAdd(copy);
    return [];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.faults.length === 0) return [{ field: at, code: error.code, message: error.message }];
    return error.faults.map((fault) => ({ ...fault, field: `${at}.${fault.field}` }));
  }
}

const faultOf = (code: keyof typeof refusals, field: string): FieldFault => ({
  field,
  code,
  message: refusals[code].words,
});
