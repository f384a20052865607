/** Between forms and drafts: what was typed becomes what the schemas check, and what is kept becomes what a form shows. */
import type { Context } from 'hono';
import type { Destination, EncryptionSetting, Flow, Output } from '../../db/model.ts';
import { keyLengths, latency, protocols } from '../../relay/contract/settings.ts';

/** The values of a form by the names of its controls. */
export type Values = Readonly<Record<string, string>>;

/** The largest AES key is the one to offer first: it costs nothing that a relay would notice. */
const offeredKeyLength = String(Math.max(...keyLengths));

/** What a form sent. A control that was locked sent nothing and is absent; a file is not a value. */
export async function readForm(c: Context): Promise<Values> {
  const values: Record<string, string> = {};
  for (const [name, value] of await c.req.formData()) if (typeof value === 'string') values[name] = value;
  return values;
}

/** What may be shown again when a form is refused: everything, but secrets emptied. */
export const shownAgain = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, name.endsWith('passphrase') ? '' : value]));

export const flowDraft = (form: Values) => ({
  name: text(form, 'name'),
  regionId: text(form, 'regionId'),
  maxBitrate: number(form, 'maxBitrate'),
  input: present({
    name: text(form, 'input.name'),
    protocol: text(form, 'input.protocol'),
    description: text(form, 'input.description'),
    latencyMs: number(form, 'input.latencyMs'),
    encryption: encryptionDraft(form, 'input.encryption'),
    allowlist: lines(form, 'input.allowlist'),
  }),
});

/** What was locked stays as it is: its controls are absent from the form. */
export const inputEdit = (form: Values) =>
  present({
    name: text(form, 'name'),
    protocol: form['protocol'],
    description: text(form, 'description'),
    latencyMs: form['latencyMs'] === undefined ? undefined : typedNumber(form['latencyMs']),
    encryption: encryptionEdit(form),
    allowlist: lines(form, 'allowlist'),
  });

export const outputDraft = (form: Values) =>
  present({
    name: text(form, 'name'),
    regionId: text(form, 'regionId'),
    protocol: text(form, 'protocol'),
    destinations: destinationsDraft(form),
    latencyMs: number(form, 'latencyMs'),
    encryption: encryptionDraft(form, 'encryption'),
    description: text(form, 'description'),
  });

export const outputEdit = (form: Values) =>
  present({
    name: text(form, 'name'),
    destinations: destinationsDraft(form),
    latencyMs: typedNumber(text(form, 'latencyMs')),
    encryption: encryptionEdit(form),
    description: text(form, 'description'),
  });

export const newFlowValues = (regionId: string, maxBitrate: number): Values => ({
  regionId,
  maxBitrate: String(maxBitrate),
  'input.protocol': protocols[0],
  'input.latencyMs': String(latency.initial),
  'input.encryption.keyLength': offeredKeyLength,
  'input.allowlist': '0.0.0.0/0',
});

export const inputValues = ({ input }: Flow): Values => ({
  name: input.name,
  protocol: input.protocol,
  latencyMs: String(input.latencyMs),
  allowlist: input.allowlist.join('\n'),
  description: input.description,
  ...encryptionValues(input.encryption),
});

/** A new output begins in the region where its flow comes in. */
export const newOutputValues = (flow: Flow): Values => ({
  regionId: flow.regionId,
  protocol: flow.input.protocol,
  latencyMs: String(latency.initial),
  ...encryptionValues(undefined),
});

export const outputValues = (output: Output): Values => ({
  name: output.name,
  latencyMs: String(output.latencyMs),
  description: output.description,
  ...encryptionValues(output.encryption),
  ...destinationValues('primary', output.destinations.primary),
  ...destinationValues('backup', output.destinations.backup),
});

const encryptionValues = (encryption: EncryptionSetting | undefined): Values => ({
  encryption: encryption ? 'on' : '',
  'encryption.keyLength': encryption ? String(encryption.keyLength) : offeredKeyLength,
});

const destinationValues = (pipeline: string, destination: Destination | undefined): Values =>
  destination
    ? {
        [`destinations.${pipeline}.host`]: destination.host,
        [`destinations.${pipeline}.port`]: String(destination.port),
      }
    : {};

function encryptionDraft(form: Values, name: string) {
  if (form[name] !== 'on') return undefined;
  return { passphrase: text(form, `${name}.passphrase`), keyLength: number(form, `${name}.keyLength`) };
}

/** Off is null. An empty key asks to keep the kept one; where none is kept, flows say so. Locked is absent. */
function encryptionEdit(form: Values) {
  if (form['encryption.keyLength'] === undefined) return undefined;
  const typed = encryptionDraft(form, 'encryption');
  if (!typed) return null;
  return typed.passphrase === '' ? { keyLength: typed.keyLength } : typed;
}

function destinationsDraft(form: Values) {
  const backup = destinationDraft(form, 'destinations.backup');
  const isEmpty = backup.host.trim() === '' && backup.port === undefined;
  return present({ primary: destinationDraft(form, 'destinations.primary'), backup: isEmpty ? undefined : backup });
}

const destinationDraft = (form: Values, name: string) => ({
  host: text(form, `${name}.host`),
  port: number(form, `${name}.port`),
});

const text = (form: Values, name: string): string => form[name] ?? '';

/** Absent when nothing was typed, so that a default may stand in. */
const number = (form: Values, name: string): number | undefined =>
  text(form, name).trim() === '' ? undefined : typedNumber(text(form, name));

/** What is no number is NaN, which every schema refuses. */
const typedNumber = (typed: string): number => (typed.trim() === '' ? Number.NaN : Number(typed));

const lines = (form: Values, name: string): readonly string[] =>
  text(form, name)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');

/** Without what is undefined: an edit changes each field that it has. */
const present = (draft: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined));
