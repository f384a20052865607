/** Flows in and out of tables, whole: what is loaded is what was saved. */
import { and, eq, notInArray } from 'drizzle-orm';
import type { Pipeline } from '../relay/contract/settings.ts';
import type { EncryptionSetting, Flow, Hop, Input, Output } from './model.ts';
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

/** All flows, oldest first. */
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
  return flows.map((row) => {
    const input = inputOf.get(row.id);
    if (!input) throw new Error(`Flow ${row.id} has no input in the database.`);
    return toFlow(row, input, outputsOf.get(row.id) ?? [], portsOf.get(row.id) ?? [], seals);
  });
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
    input: toInput(
      input,
      ports.filter((port) => port.regionId === regionId),
      seals,
    ),
    outputs: outputs.map((output) => toOutput(output, seals)),
    hops: ports
      .filter((port) => port.regionId !== regionId)
      .map(({ regionId, pipeline, port }): Hop => ({ regionId, pipeline, port })),
  };
}

function toInput(row: InputRow, ports: PortRow[], seals: Seals): Input {
  const portOf = (pipeline: Pipeline): number => {
    const found = ports.find((port) => port.pipeline === pipeline);
    if (!found) throw new Error(`Input ${row.id} has no ${pipeline} port in the database.`);
    return found.port;
  };
  const { id, name, protocol, latencyMs, description, allowlist } = row;
  const encryption = openEncryption(row, `inputs/${id}/passphrase`, seals);
  const ports_ = { primary: portOf('primary'), backup: portOf('backup') };
  return { id, name, protocol, latencyMs, description, allowlist, ports: ports_, ...(encryption && { encryption }) };
}

function toOutput(row: OutputRow, seals: Seals): Output {
  const { id, name, regionId, protocol, latencyMs, description, backupHost, backupPort } = row;
  const encryption = openEncryption(row, `outputs/${id}/passphrase`, seals);
  const backup = backupHost !== null && backupPort !== null ? { host: backupHost, port: backupPort } : undefined;
  const destinations = { primary: { host: row.primaryHost, port: row.primaryPort }, ...(backup && { backup }) };
  return { id, name, regionId, protocol, latencyMs, description, destinations, ...(encryption && { encryption }) };
}

function openEncryption(row: InputRow | OutputRow, place: string, seals: Seals): EncryptionSetting | undefined {
  if (row.keyLength === null || row.sealedPassphrase === null) return undefined;
  return { keyLength: row.keyLength, passphrase: seals.open(row.sealedPassphrase, place) };
}

const sealEncryption = (encryption: EncryptionSetting | undefined, place: string, seals: Seals) => ({
  keyLength: encryption?.keyLength ?? null,
  sealedPassphrase: encryption ? seals.seal(encryption.passphrase, place) : null,
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
  protocol: input.protocol,
  latencyMs: input.latencyMs,
  description: input.description,
  allowlist: [...input.allowlist],
  ...sealEncryption(input.encryption, `inputs/${input.id}/passphrase`, seals),
});

const toOutputRow = (flowId: string, output: Output, position: number, seals: Seals): OutputRow => ({
  id: output.id,
  flowId,
  position,
  regionId: output.regionId,
  name: output.name,
  protocol: output.protocol,
  latencyMs: output.latencyMs,
  description: output.description,
  primaryHost: output.destinations.primary.host,
  primaryPort: output.destinations.primary.port,
  backupHost: output.destinations.backup?.host ?? null,
  backupPort: output.destinations.backup?.port ?? null,
  ...sealEncryption(output.encryption, `outputs/${output.id}/passphrase`, seals),
});

const toPortRows = ({ id: flowId, regionId, input, hops }: Flow): PortRow[] => [
  { port: input.ports.primary, flowId, regionId, pipeline: 'primary' },
  { port: input.ports.backup, flowId, regionId, pipeline: 'backup' },
  ...hops.map(({ port, regionId, pipeline }) => ({ port, flowId, regionId, pipeline })),
];
