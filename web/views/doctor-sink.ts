/** What can be wrong with an output that its own input is not to blame for. */
import type { Output } from '../../db/model.ts';
import { destinationText } from './destination.ts';
import { flappingOf, latencyAilment } from './doctor-link.ts';
import { type Ailment, ageText, lately, type Patient } from './doctor-patient.ts';
import { causeText, packetsText } from './doctor-words.ts';
import { t } from './language.ts';
import { bothPipelines, regionName } from './props.ts';
import { lastingText } from './units.ts';
import { numberIn, textIn } from './words-facts.ts';

/** What has just begun gets so long to come about. */
const SETTLE_MS = 5000;
const SLOW_MS = 60_000;

export function sinkAilment(patient: Patient, output: Output): Ailment | undefined {
  const peer = destinationText(output, patient.pipeline) ?? '';
  switch (patient.status?.condition) {
    case 'backing-off':
    case 'dialling':
      return failedCall(patient, peer);
    case 'unacknowledged':
      return untaken(patient, peer);
    case 'stalled':
    case 'no-input':
      return brokenLink(patient);
    case 'quarantined':
    case 'flowing':
    case 'listening':
    case undefined:
      return flappingOf(patient, 'wait') ?? tooSlow(patient, peer) ?? latencyAilment(patient);
  }
}

/** A call that came to nothing, or is made anew: since when, and why. */
function failedCall({ page, role, protocol, status, events }: Patient, peer: string): Ailment | undefined {
  const { incident } = status ?? {};
  const met = events.find(({ code }) => code === 'connected')?.at ?? 0;
  const retry = events.find(({ code, at }) => code === 'retry' && at >= met);
  const cause = incident?.code ?? (retry && textIn(retry, 'cause'));
  if (cause === undefined || cause === 'closed-here') return undefined;
  const since = retry ? retry.at - (numberIn(retry, 'triedForMs') ?? 0) : (incident?.at ?? page.at);
  const facts = { peer, time: ageText(page, since), ...causeText(role, protocol, cause) };
  return { tone: 'bad', sentence: t(words.failed, facts), saysIncident: true };
}

function untaken({ page, protocol, status }: Patient, peer: string): Ailment {
  const time = lastingText(page.at - (status?.since ?? page.at) + 3000);
  return { tone: 'bad', sentence: t(protocol === 'rtp' ? words.unsent : words.untaken, { peer, time }) };
}

/** The input has media and the relay of this output does not: what lies between the relays is broken. */
function brokenLink({ page, pipeline, regionId, status }: Patient): Ailment | undefined {
  if (page.at - (status?.since ?? page.at) < SETTLE_MS || regionId === page.flow.regionId) return undefined;
  const feeding = page.flow.input.failover ? bothPipelines : [pipeline];
  const isFed = page.endpoints.some(
    (it) => it.id === 'input' && it.condition === 'flowing' && feeding.includes(it.pipeline),
  );
  const facts = { from: regionName(page.regions, page.flow.regionId), to: regionName(page.regions, regionId) };
  return isFed ? { tone: 'bad', sentence: t(words.link, facts) } : undefined;
}

function tooSlow(patient: Patient, peer: string): Ailment | undefined {
  const lines = lately(patient, 'dropped-to-slow-peer', SLOW_MS);
  const dropped = lines.reduce((sum, event) => sum + (numberIn(event, 'dropped') ?? 0), 0);
  if (dropped === 0) return undefined;
  return { tone: 'bad', sentence: t(words.slow, { peer, packets: packetsText(dropped) }) };
}

const words = {
  failed: 'No connection to {peer} for {time}: {cause}. {next}',
  untaken:
    '{peer} is connected, but has taken no media for {time}. Check that the receiver is running, and the network to it.',
  unsent:
    'Nothing could be sent to {peer} for {time}. Check the address, and that the host of the relay has a route to it.',
  link: 'Media arrives in {from} but does not reach the relay in {to}: the link between the two is broken. It is made again by itself; if it stays broken, check the log of the host.',
  slow: '{peer} is too slow for the stream: {packets} dropped in the last minute. Check the bandwidth to it, or lower the bit rate of the encoder.',
} as const;
