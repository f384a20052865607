/** What can be wrong with the link of an input and of an output alike: it comes and goes, or loses what it cannot repair. */
import { type Ailment, lately, type Patient } from './doctor-patient.ts';
import { causeText, packetsText } from './doctor-words.ts';
import { t } from './language.ts';
import { durationText, msText } from './units.ts';
import { textIn } from './words-facts.ts';

/** So many ends of sessions within the window are no accident. */
const FLAPPING = 3;
/** An encoder that was told to go, by an operator or by its own successor, does not flap. */
const inOrder: ReadonlySet<string> = new Set(['closed-here', 'gave-way']);

export function flappingOf(patient: Patient, tone: Ailment['tone']): Ailment | undefined {
  const ends = lately(patient, 'disconnected').filter((event) => !inOrder.has(textIn(event, 'cause') ?? ''));
  const times = ends.reduce((sum, { count }) => sum + count, 0);
  const [last] = ends;
  if (!last || times < FLAPPING) return undefined;
  const { role, protocol } = patient;
  const facts = { peer: last.peer?.address ?? '?', times, ...causeText(role, protocol, textIn(last, 'cause') ?? '') };
  return { tone, sentence: t(flapping[role], facts), saysIncident: true };
}

const flapping = {
  source:
    'The encoder at {peer} has come and gone {times} times in the last 5 min, the last time because: {cause}. {next}',
  sink: 'The connection to {peer} has broken {times} times in the last 5 min, the last time because: {cause}. {next}',
} as const;

/** Packets are missing for good, and what the latency has to do with it. Nothing where all was repaired. */
export function latencyAilment({ reading, role }: Patient): Ailment | undefined {
  const advice = reading?.latency?.advice;
  if (!advice || advice.dropped === 0) return undefined;
  const facts = {
    packets: packetsText(advice.dropped),
    time: durationText(advice.seconds * 1000),
    now: msText(advice.inForceMs ?? 0),
    wanted: msText(advice.suggestedMs),
  };
  switch (advice.verdict) {
    case 'too-short':
    case 'short':
      return { tone: 'bad', sentence: t(latency[role], facts) };
    case 'enough-yet-dropped':
      return { tone: 'wait', sentence: t(latency.cut, facts) };
    case 'enough':
    case 'unknown':
      return undefined;
  }
}

const latency = {
  source:
    'In the last {time} the link lost {packets} for good: the latency of {now} is too short to repair it. Set {wanted} on the encoder, or here while the flow is stopped.',
  sink: 'In the last {time} {packets} came too late at the receiver: the latency of {now} is too short to repair the link. Set {wanted} on the receiver, or here while the flow is stopped.',
  cut: 'In the last {time} the link lost {packets} for good though the latency of {now} is enough: it was cut for longer than that. Check the network between.',
} as const;
