/**
 * The connection doctor: what is wrong with an end of a flow, and what to do, in one sentence. Pure: made of the live state,
 * of what was measured in the last second, and of the newest lines of the log. Nothing is said of what is well.
 */
import type { Output } from '../../db/model.ts';
import type { Pipeline } from '../../relay/contract/settings.ts';
import { type Ailment, ageText, type Patient } from './doctor-patient.ts';
import { sinkAilment } from './doctor-sink.ts';
import { sourceAilment } from './doctor-source.ts';
import { t } from './language.ts';
import { bothPipelines, type FlowPage } from './props.ts';
import { textIn } from './words-facts.ts';
import type { Role } from './words.ts';

export interface Diagnosis extends Ailment {
  readonly role: Role;
  /** `input`, or the output's id. */
  readonly id: string;
  readonly pipeline: Pipeline;
}

/** At most one for each end: inputs first, then outputs in their order. */
export function diagnose(page: FlowPage): readonly Diagnosis[] {
  const ids = ['input', ...page.flow.outputs.map(({ id }) => id)];
  return ids.flatMap((id) => bothPipelines.flatMap((pipeline) => diagnosisOf(page, { id, pipeline }) ?? []));
}

/** What is wrong with one end; undefined where nothing is. `id` is `input`, or the output's. */
export function diagnosisOf(
  page: FlowPage,
  { id, pipeline }: { readonly id: string; readonly pipeline: Pipeline },
): Diagnosis | undefined {
  const output = page.flow.outputs.find((it) => it.id === id);
  if (id !== 'input' && !output?.destinations[pipeline]) return undefined;
  const patient = patientOf(page, { id, pipeline }, output);
  const found = output ? outputAilment(patient, output) : inputAilment(patient);
  return found && { ...found, role: patient.role, id, pipeline };
}

/** The one to read first. */
export const worstOf = (found: readonly Diagnosis[]): Diagnosis | undefined =>
  found.find(({ tone }) => tone === 'bad') ?? found[0];

function patientOf(
  page: FlowPage,
  { id, pipeline }: { readonly id: string; readonly pipeline: Pipeline },
  output: Output | undefined,
): Patient {
  const role = output ? 'sink' : 'source';
  const isHere = (it: { readonly id: string; readonly pipeline: Pipeline }) => it.id === id && it.pipeline === pipeline;
  return {
    page,
    role,
    id,
    pipeline,
    protocol: (output ?? page.flow.input).protocol,
    regionId: (output ?? page.flow).regionId,
    status: page.endpoints.find((it) => it.role === role && isHere(it)),
    reading: page.readings.find(isHere),
    events: (page.events ?? [])
      .filter((it) => it.endpointId === id && it.pipeline === pipeline)
      .toSorted((a, b) => b.at - a.at),
  };
}

function inputAilment(patient: Patient): Ailment | undefined {
  const { page, status } = patient;
  if (page.state === 'stopping') return undefined;
  if (page.state === 'running' && !status) return relayAilment(patient);
  return sourceAilment(patient);
}

function outputAilment(patient: Patient, output: Output): Ailment | undefined {
  if (patient.page.state !== 'running') return undefined;
  return patient.status ? sinkAilment(patient, output) : relayAilment(patient);
}

/** A relay is named `<region>-1` where it carries primaries, `<region>-2` where backups: server/placement.ts. */
function relayAilment({ page, pipeline, regionId }: Patient): Ailment | undefined {
  const told = page.events
    ?.filter(({ code, role }) => role === 'flow' && code.startsWith('relay-'))
    .filter((event) => textIn(event, 'pipeline') === pipeline && isOf(textIn(event, 'relay'), regionId))
    .toSorted((a, b) => b.at - a.at)[0];
  const relay = told && textIn(told, 'relay');
  const found = told && relayWords[told.code];
  if (found) return { tone: found.tone, sentence: t(found.words, { relay: relay ?? '', age: ageText(page, told.at) }) };
  return page.relayLost ? { tone: 'wait', sentence: t(relaySilent) } : undefined;
}

const isOf = (relay: string | undefined, regionId: string): boolean => relay?.replace(/-[12]$/, '') === regionId;

/** By the code of the newest line about the relay. */
const relayWords: Readonly<Record<string, { readonly tone: Ailment['tone']; readonly words: string }>> = {
  'relay-died': {
    tone: 'bad',
    words:
      'Relay {relay} ended {age} ago and is being started anew. If it does not come back, its log in the data folder says why.',
  },
  'relay-hung': {
    tone: 'bad',
    words:
      'Relay {relay} hung, was ended {age} ago and is being started anew. If that happens again, check the load of its host.',
  },
  'relay-lost': {
    tone: 'wait',
    words:
      'Relay {relay} has not answered for {age}: media may still flow, but nobody can tell. It is started anew if it stays silent.',
  },
};

const relaySilent = 'Its relay has not reported for some seconds: media may still flow, but nobody can tell.';
