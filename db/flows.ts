/** Flows in and out of tables, whole: what is loaded is what was saved. */
import { and, eq, isNull, notInArray } from 'drizzle-orm';
import type { Pipeline } from '../relay/contract/settings.ts';
import { loadInput, loadOutput, type StoredLink, storeInput, storeOutput } from './links.ts';
import type { Flow, Hop, Input, Output, WaitingFlow } from './model.ts';
import type { Database } from './open.ts';
import * as schema from './schema.ts';

/** Seals a secret for one place; opened for any other place it fails. `place` is such as `inputs/<id>/passphrase`. */
export interface Seals {
  seal(secret: string, place: string): string;
  open(sealed: string, place: string): string;
}

type FlowRow = typeof schema.flows.$inferSelect;
type InputRow = typeof schema.inputs.$inferSelect;
type OutputRow = typeof schema.outputs.$inferSelect;
type PortRow = typeof schema.ports.$inferSelect;

/** All flows that have an input, oldest first. */
export async function loadFlows(db: Database, seals: Seals): Promise<Flow[]> {
  const [flows, inputs, outputs, ports] = await Promise.all([
    db.select().from(schema.flows).orderBy(schema.flows.createdAt, schema.flows.id),
    db.select().from(schema.inputs),
    db.select().from(schema.outputs).orderBy(schema.outputs.position),
    db.select().from(schema.ports),
  ]);
  const inputOf = new Map(inputs.map((row) => [row.flowId, row]));
  const outputsOf = byFlow(outputs);
  const portsOf = byFlow(ports);
  return flows.flatMap((row) => {
    const input = inputOf.get(row.id);
    return input ? toFlow(row, input, outputsOf.get(row.id) ?? [], portsOf.get(row.id) ?? [], seals) : [];
  });
}

/** All flows that have no input yet, oldest first. */
export async function loadWaitingFlows(db: Database): Promise<WaitingFlow[]> {
  const rows = await db
    .select({ flow: schema.flows })
    .from(schema.flows)
    .leftJoin(schema.inputs, eq(schema.inputs.flowId, schema.flows.id))
    .where(isNull(schema.inputs.id))
    .orderBy(schema.flows.createdAt, schema.flows.id);
  return rows.map(({ flow: { id, name, regionId, maxBitrate, createdAt } }) => ({
    id,
    name,
    regionId,
    maxBitrate,
    createdAt,
  }));
}

/** `saveFlow` makes it whole later, under the same id. Must run in the write lane. */
export async function saveWaitingFlow(db: Database, flow: WaitingFlow): Promise<void> {
  const row = { ...flow, running: false, revision: 0 };
  await db.insert(schema.flows).values(row).onConflictDoUpdate({ target: schema.flows.id, set: row });
}

/** All of it or nothing, in one transaction. Must run in the write lane. */
export async function saveFlow(db: Database, seals: Seals, flow: Flow): Promise<void> {
  const flowRow = toFlowRow(flow);
  const inputRow = toInputRow(flow, seals);
  const outputRows = flow.outputs.map((output, position) => toOutputRow(flow.id, output, position, seals));
  const portRows = toPortRows(flow);
  const gone = and(
    eq(schema.outputs.flowId, flow.id),
    notInArray(
      schema.outputs.id,
      flow.outputs.map((output) => output.id),
    ),
  );
  await db.batch([
    db.insert(schema.flows).values(flowRow).onConflictDoUpdate({ target: schema.flows.id, set: flowRow }),
    db.insert(schema.inputs).values(inputRow).onConflictDoUpdate({ target: schema.inputs.id, set: inputRow }),
    db.delete(schema.outputs).where(gone),
    ...outputRows.map((row) =>
      db.insert(schema.outputs).values(row).onConflictDoUpdate({ target: schema.outputs.id, set: row }),
    ),
    db.delete(schema.ports).where(eq(schema.ports.flowId, flow.id)),
    db.insert(schema.ports).values(portRows),
  ]);
}

/** Input, outputs and ports go with it. Must run in the write lane. */
export async function deleteFlow(db: Database, flowId: string): Promise<void> {
  await db.delete(schema.flows).where(eq(schema.flows.id, flowId));
}

function byFlow<Row extends { flowId: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(row.flowId, [...(groups.get(row.flowId) ?? []), row]);
  return groups;
}

function toFlow(row: FlowRow, input: InputRow, outputs: OutputRow[], ports: PortRow[], seals: Seals): Flow {
  const { id, name, regionId, maxBitrate, running, revision, createdAt } = row;
  return {
    id,
    name,
    regionId,
    maxBitrate,
    running,
    revision,
    createdAt,
    input: toInput(input, ports, seals),
    outputs: outputs.map((output) => toOutput(output, seals)),
    hops: ports.flatMap(({ use, regionId: at, pipeline, port }): Hop[] =>
      use === 'input' ? [] : [{ use, regionId: at, pipeline, port }],
    ),
  };
}

function toInput(row: InputRow, ports: PortRow[], seals: Seals): Input {
  const portOf = (pipeline: Pipeline): number => {
    const found = ports.find((port) => port.use === 'input' && port.pipeline === pipeline);
    if (!found) throw new Error(`Input ${row.id} has no ${pipeline} port in the database.`);
    return found.port;
  };
  const { id, name, description, allowlist, failover } = row;
  const kept = { primary: portOf('primary'), backup: portOf('backup') };
  const base = { id, name, description, allowlist, ports: kept, ...(failover && { failover }) };
  return loadInput(base, openLink(row, placeOfInput(id), seals));
}

function toOutput(row: OutputRow, seals: Seals): Output {
  const { id, name, regionId, description } = row;
  return loadOutput({ id, name, regionId, description }, openLink(row, placeOfOutput(id), seals));
}

const placeOfInput = (id: string): string => `inputs/${id}/secrets`;
const placeOfOutput = (id: string): string => `outputs/${id}/secrets`;

const openLink = (
  { protocol, settings, sealedSecrets }: InputRow | OutputRow,
  place: string,
  seals: Seals,
): StoredLink => ({
  protocol,
  settings,
  secrets: sealedSecrets === null ? undefined : seals.open(sealedSecrets, place),
});

const sealLink = ({ protocol, settings, secrets }: StoredLink, place: string, seals: Seals) => ({
  protocol,
  settings,
  sealedSecrets: secrets === undefined ? null : seals.seal(secrets, place),
});

const toFlowRow = ({ id, name, regionId, maxBitrate, running, revision, createdAt }: Flow): FlowRow => ({
  id,
  name,
  regionId,
  maxBitrate,
  running,
  revision,
  createdAt,
});

const toInputRow = ({ id: flowId, input }: Flow, seals: Seals): InputRow => ({
  id: input.id,
  flowId,
  name: input.name,
  description: input.description,
  allowlist: [...input.allowlist],
  failover: input.failover ?? null,
  ...sealLink(storeInput(input), placeOfInput(input.id), seals),
});

const toOutputRow = (flowId: string, output: Output, position: number, seals: Seals): OutputRow => ({
  id: output.id,
  flowId,
  position,
  regionId: output.regionId,
  name: output.name,
  description: output.description,
  ...sealLink(storeOutput(output), placeOfOutput(output.id), seals),
});

const toPortRows = ({ id: flowId, regionId, input, hops }: Flow): PortRow[] => [
  { port: input.ports.primary, flowId, use: 'input', regionId, pipeline: 'primary' },
  { port: input.ports.backup, flowId, use: 'input', regionId, pipeline: 'backup' },
  ...hops.map((hop) => ({ ...hop, flowId })),
];
