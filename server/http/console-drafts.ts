/** Between forms and drafts: what was typed becomes what the schemas check, and what is kept becomes what a form shows. */
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type {
  Destination,
  EncryptionSetting,
  FailoverSetting,
  Flow,
  Input,
  Output,
  PerPipeline,
} from '../../db/model.ts';
import type { Expected } from '../rules.ts';
import { keyLengths, latency, multicastTtl, pipelines, protocols } from '../../relay/contract/settings.ts';
import { cidrFault } from '../cidr.ts';

/** The values of a form by the names of its controls. */
export type Values = Readonly<Record<string, string>>;

/** The largest AES key is the one to offer first: it costs nothing that a relay would notice. */
const offeredKeyLength = String(Math.max(...keyLengths));

/** What a form sent; throws an HTTPException of 400 where it sent something else. A control that was locked sent nothing and is absent; a file is not a value. */
export async function readForm(c: Context): Promise<Values> {
  const values: Record<string, string> = {};
  const form = await c.req.formData().catch(() => undefined);
  if (!form) throw new HTTPException(400, { message: 'This is no form.' });
  for (const [name, value] of form) if (typeof value === 'string') values[name] = value;
  return values;
}

/** A form carries the revision that it was read at in this field. */
const REVISION = 'revision';

export const readAt = ({ revision }: Flow): Values => ({ [REVISION]: String(revision) });

/** The revision that a form was read at. One that names none, as a script may send it, expects nothing. */
export function expectedOf(form: Values): Expected {
  const typed = form[REVISION];
  return typed === undefined ? {} : { expectedRevision: Number(typed) };
}

/** The fields in which what was typed is not what is kept, each with what is kept; secrets are not among them. */
export function differences(typed: Values, kept: Values): { readonly field: string; readonly kept: string }[] {
  const isOff = (value: string | undefined): boolean => value === undefined || value === '' || value === 'off';
  return Object.entries(kept)
    .filter(([field]) => field !== REVISION && typed[field] !== undefined)
    .filter(([field, value]) => !(isOff(value) && isOff(typed[field])) && lineEnds(typed[field]) !== value)
    .map(([field, value]) => ({ field, kept: value }));
}

/** Browsers send the lines of a text as CR LF. */
const lineEnds = (text: string | undefined): string | undefined => text?.replaceAll('\r\n', '\n').trim();

/** What may be shown again when a form is refused: everything, but secrets emptied. */
export const shownAgain = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, isSecret(name) ? '' : value]));

/** The secrets that were typed, by the names of their controls. */
export const secretsIn = (values: Values): string[] =>
  Object.keys(values).filter((name) => isSecret(name) && values[name] !== '');

const isSecret = (name: string): boolean => name.endsWith('passphrase') || name.endsWith('streamKey');

/**
 * A form sends the fields of all protocols, since the choice among them is made without a script. Only those of the
 * chosen one go on: what the reader did not see can be no fault of theirs.
 */
export const flowDraft = (form: Values) => ({
  name: text(form, 'name'),
  regionId: text(form, 'regionId'),
  maxBitrate: number(form, 'maxBitrate'),
  input: present({
    name: text(form, 'input.name'),
    protocol: text(form, 'input.protocol'),
    description: text(form, 'input.description'),
    allowlist: lines(form, 'input.allowlist'),
    failover: failoverDraft(form),
    ...inputLinkDraft(form),
  }),
});

function inputLinkDraft(form: Values) {
  switch (text(form, 'input.protocol')) {
    case 'srt':
      return { latencyMs: number(form, 'input.latencyMs'), encryption: encryptionDraft(form, 'input.encryption') };
    case 'rtp':
      return { bareTs: flag(form, 'input.bareTs') };
    default:
      return {};
  }
}

/** What was locked stays as it is: its controls are absent from the form. */
export const inputEdit = (form: Values, kept: Input) =>
  present({
    name: text(form, 'name'),
    protocol: form['protocol'],
    description: text(form, 'description'),
    allowlist: lines(form, 'allowlist'),
    failover: failoverEdit(form),
    ...inputLinkEdit(form, form['protocol'] ?? kept.protocol),
  });

function inputLinkEdit(form: Values, protocol: string) {
  switch (protocol) {
    case 'srt':
      return {
        latencyMs: form['latencyMs'] === undefined ? undefined : typedNumber(form['latencyMs']),
        encryption: encryptionEdit(form),
      };
    case 'rtp':
      return { bareTs: flag(form, 'bareTs') };
    default:
      return {};
  }
}

export const outputDraft = (form: Values) =>
  present({
    name: text(form, 'name'),
    regionId: text(form, 'regionId'),
    protocol: text(form, 'protocol'),
    description: text(form, 'description'),
    ...outputLinkDraft(form),
  });

function outputLinkDraft(form: Values) {
  switch (text(form, 'protocol')) {
    case 'srt':
      return {
        destinations: hostPortsDraft(form),
        latencyMs: number(form, 'latencyMs'),
        encryption: encryptionDraft(form, 'encryption'),
      };
    case 'rtmp':
      return { destinations: rtmpDraft(form, (typed) => typed) };
    case 'rtp':
      return { destinations: hostPortsDraft(form), ttl: number(form, 'ttl'), bareTs: flag(form, 'bareTs') };
    default:
      return {};
  }
}

export const outputEdit = (form: Values, { protocol }: Output) =>
  present({ name: text(form, 'name'), description: text(form, 'description'), ...outputLinkEdit(form, protocol) });

function outputLinkEdit(form: Values, protocol: Output['protocol']) {
  switch (protocol) {
    case 'srt':
      return {
        destinations: hostPortsDraft(form),
        latencyMs: typedNumber(text(form, 'latencyMs')),
        encryption: encryptionEdit(form),
      };
    case 'rtmp':
      return { destinations: rtmpDraft(form, (typed) => typed || undefined) };
    case 'rtp':
      return {
        destinations: hostPortsDraft(form),
        ttl: typedNumber(text(form, 'ttl')),
        bareTs: flag(form, 'bareTs'),
      };
  }
}

export const newFlowValues = (regionId: string, maxBitrate: number): Values => ({
  regionId,
  maxBitrate: String(maxBitrate),
  'input.protocol': protocols[0],
  'input.latencyMs': String(latency.initial),
  'input.encryption.keyLength': offeredKeyLength,
  'input.allowlist': '0.0.0.0/0',
  ...failoverValues(undefined, 'input.'),
});

export const inputValues = ({ input }: Flow): Values => ({
  name: input.name,
  protocol: input.protocol,
  allowlist: input.allowlist.join('\n'),
  description: input.description,
  ...failoverValues(input.failover, ''),
  ...inputLinkValues(input),
});

/** The range that a link to the form asks to allow, for the reader to save; undefined where it is none, or is allowed. */
export const rangeToAllow = (asked: string | undefined, { input }: Flow): string | undefined =>
  asked === undefined || cidrFault(asked) !== undefined || input.allowlist.includes(asked) ? undefined : asked;

/** The other protocols begin as new ones do, should the reader change over to one of them. */
function inputLinkValues(input: Input): Values {
  const srt = input.protocol === 'srt' ? input : undefined;
  return {
    latencyMs: String(srt?.latencyMs ?? latency.initial),
    ...encryptionValues(srt?.encryption),
    bareTs: input.protocol === 'rtp' && input.bareTs ? 'on' : '',
  };
}

/** A new output begins in the region where its flow comes in, with the protocol of its input where it may. */
export const newOutputValues = (flow: Flow): Values => ({
  regionId: flow.regionId,
  protocol: flow.input.protocol,
  latencyMs: String(latency.initial),
  ttl: String(multicastTtl.initial),
  ...encryptionValues(undefined),
});

export const outputValues = (output: Output): Values => ({
  name: output.name,
  description: output.description,
  ...outputLinkValues(output),
});

function outputLinkValues(output: Output): Values {
  switch (output.protocol) {
    case 'srt':
      return {
        latencyMs: String(output.latencyMs),
        ...encryptionValues(output.encryption),
        ...hostPortValues(output.destinations),
      };
    case 'rtmp':
      return Object.fromEntries(
        pipelines.map((pipeline) => [`destinations.${pipeline}.url`, output.destinations[pipeline]?.url ?? '']),
      );
    case 'rtp':
      return {
        ttl: String(output.ttl),
        bareTs: output.bareTs ? 'on' : '',
        ...hostPortValues(output.destinations),
      };
  }
}

const failoverValues = (failover: FailoverSetting | undefined, prefix: string): Values => ({
  [`${prefix}failover`]: failover ? 'on' : '',
  [`${prefix}failover.preferred`]: failover?.preferred ?? 'primary',
  [`${prefix}failover.autoReturn`]: failover?.autoReturn === false ? 'no' : 'yes',
});

const encryptionValues = (encryption: EncryptionSetting | undefined): Values => ({
  encryption: encryption ? 'on' : '',
  'encryption.keyLength': encryption ? String(encryption.keyLength) : offeredKeyLength,
});

const hostPortValues = (destinations: PerPipeline<Destination>): Values =>
  Object.fromEntries(
    pipelines.flatMap((pipeline) => {
      const destination = destinations[pipeline];
      if (!destination) return [];
      return [
        [`destinations.${pipeline}.host`, destination.host],
        [`destinations.${pipeline}.port`, String(destination.port)],
      ];
    }),
  );

function failoverDraft(form: Values) {
  return form['input.failover'] === 'on' ? failoverChoice(form, 'input.') : undefined;
}

/** Off is null. While the switch is locked it says nothing; which input is preferred may be changed even then. */
function failoverEdit(form: Values) {
  if (form['failover'] === 'off') return null;
  return form['failover.preferred'] === undefined ? undefined : failoverChoice(form, '');
}

const failoverChoice = (form: Values, prefix: string) => ({
  preferred: text(form, `${prefix}failover.preferred`),
  autoReturn: form[`${prefix}failover.autoReturn`] !== 'no',
});

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

function hostPortsDraft(form: Values) {
  const backup = hostPortDraft(form, 'destinations.backup');
  const isEmpty = backup.host.trim() === '' && backup.port === undefined;
  return present({ primary: hostPortDraft(form, 'destinations.primary'), backup: isEmpty ? undefined : backup });
}

const hostPortDraft = (form: Values, name: string) => ({
  host: text(form, `${name}.host`),
  port: number(form, `${name}.port`),
});

/** `keyOf` says what an empty stream key means: nothing was typed, or the kept one stays. */
function rtmpDraft(form: Values, keyOf: (typed: string) => string | undefined) {
  const [primary, backup] = pipelines.map((pipeline) => {
    const url = text(form, `destinations.${pipeline}.url`);
    const typed = text(form, `destinations.${pipeline}.streamKey`);
    return { isEmpty: url.trim() === '' && typed === '', draft: present({ url, streamKey: keyOf(typed) }) };
  });
  return present({ primary: primary?.draft, backup: backup?.isEmpty ? undefined : backup?.draft });
}

/** A switch that is off says so; one that is locked says nothing. */
const flag = (form: Values, name: string): boolean | undefined =>
  form[name] === undefined ? undefined : form[name] === 'on';

const text = (form: Values, name: string): string => form[name] ?? '';

/** Absent when nothing was typed, so that a default may stand in. */
const number = (form: Values, name: string): number | undefined =>
  text(form, name).trim() === '' ? undefined : typedNumber(text(form, name));

/** What is no number is NaN, which every schema refuses. */
const typedNumber = (typed: string): number => (typed.trim() === '' ? Number.NaN : Number(typed));

/** One a line, or with a semicolon or comma between. */
const lines = (form: Values, name: string): readonly string[] =>
  text(form, name)
    .split(/[\r\n;,]+/)
    .filter((line) => line.trim() !== '');

/** Without what is undefined: an edit changes each field that it has. */
const present = (draft: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined));
