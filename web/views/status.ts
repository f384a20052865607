/** What is true of an endpoint and of a flow, in words and a tone. Pure; nothing absent is shown as present. */
import type { Flow, Output } from '../../db/model.ts';
import type { EndpointStatus } from '../../relay/contract/messages.ts';
import type { Pipeline, Protocol } from '../../relay/contract/settings.ts';
import { t } from './language.ts';
import { bothPipelines, type FlowView, otherThan } from './props.ts';
import { type EndpointWord, type Role, words } from './words.ts';

/** How much a state should worry the reader. */
export type Tone = 'ok' | 'wait' | 'bad' | 'idle' | 'unknown';

/** One end of one pipeline: `input`, or an output's id. */
export interface End {
  readonly role: Role;
  readonly id: string;
  readonly pipeline: Pipeline;
  readonly protocol: Protocol;
}

export interface Status {
  readonly tone: Tone;
  readonly word: string;
  readonly sentence: string;
  /** Present when a relay vouches for it. */
  readonly endpoint?: EndpointStatus;
}

export interface Verdict {
  readonly tone: Tone;
  readonly sentence: string;
}

export const inputEnd = ({ input }: Flow, pipeline: Pipeline): End => ({
  role: 'source',
  id: 'input',
  pipeline,
  protocol: input.protocol,
});

const outputEnd = ({ id, protocol }: Output, pipeline: Pipeline): End => ({ role: 'sink', id, pipeline, protocol });

/** The state of one end: as its relay reports it, else Idle or Unknown by the state of the flow. */
export function statusOf(view: FlowView, end: End): Status {
  if (view.state === 'idle') return absent('idle', 'idle', words.absent.idle);
  const endpoint = view.endpoints.find(
    (it) => it.role === end.role && it.id === end.id && it.pipeline === end.pipeline,
  );
  if (endpoint) return reported(endpoint, end.protocol);
  if (view.state === 'starting' && !view.relayLost) return absent('wait', 'waiting', words.absent.starting);
  if (view.state === 'stopping') return absent('idle', 'idle', words.verdicts.stopping);
  return absent('unknown', 'unknown', words.absent.unknown);
}

/** The state of an output's destination, which may not be set. */
export const outputStatus = (view: FlowView, output: Output, pipeline: Pipeline): Status =>
  output.destinations[pipeline]
    ? statusOf(view, outputEnd(output, pipeline))
    : absent('idle', 'none', words.absent.none);

/** The one sentence on a flow that a reader needs at three in the morning: the worst thing that is true of it. */
export function verdictOf(view: FlowView): Verdict {
  switch (view.state) {
    case 'idle':
      return verdict('idle', t(view.flow.outputs.length > 0 ? words.verdicts.idle : words.verdicts.noOutput));
    case 'starting':
      return verdict(
        view.relayLost ? 'unknown' : 'wait',
        t(view.relayLost ? words.verdicts.unknown : words.verdicts.starting),
      );
    case 'stopping':
      return verdict('wait', t(words.verdicts.stopping));
    case 'running':
      return runningVerdict(view);
  }
}

function runningVerdict(view: FlowView): Verdict {
  const inputs = {
    primary: statusOf(view, inputEnd(view.flow, 'primary')),
    backup: statusOf(view, inputEnd(view.flow, 'backup')),
  };
  const sinks = destinationsOf(view);
  const isUnknown = (status: Status) => status.tone === 'unknown';
  if (view.relayLost || [inputs.primary, inputs.backup].some(isUnknown) || sinks.some((it) => isUnknown(it.status)))
    return verdict('unknown', t(words.verdicts.unknown));
  const flowing = bothPipelines.filter((pipeline) => inputs[pipeline].tone === 'ok');
  const [first, second] = flowing;
  if (!first) return verdict('bad', t(words.verdicts.noMedia));
  const { failover } = view.flow.input;
  if (!failover) return deliveryVerdict(sinks, flowing) ?? inputVerdict(view, first, second);
  return deliveryVerdict(sinks, bothPipelines) ?? failoverVerdict(view, failover.preferred, flowing);
}

/** What is wrong with the destinations of pipelines that do have media. */
function deliveryVerdict(sinks: readonly Destined[], flowing: readonly Pipeline[]): Verdict | undefined {
  const fed = sinks.filter((it) => flowing.includes(it.pipeline));
  const failing = fed.filter((it) => it.status.tone === 'bad').length;
  if (failing > 0) return verdict('bad', words.verdicts.failing(failing, sinks.length));
  const missing = fed.filter((it) => it.status.tone !== 'ok').length;
  return missing > 0 ? verdict('wait', words.verdicts.connecting(missing, sinks.length)) : undefined;
}

function inputVerdict(view: FlowView, first: Pipeline, second: Pipeline | undefined): Verdict {
  if (view.endpoints.some((it) => it.over)) return verdict('wait', t(words.verdicts.over));
  if (second) return verdict('ok', t(words.verdicts.onAir));
  const backupWanted = view.flow.outputs.some((output) => output.destinations.backup);
  if (first === 'primary' && !backupWanted) return verdict('ok', t(words.verdicts.onAirPrimary));
  return verdict('wait', words.verdicts.onePipeline(first));
}

/** With failover both pipelines' outputs get the one input that is live. */
function failoverVerdict(view: FlowView, preferred: Pipeline, flowing: readonly Pipeline[]): Verdict {
  if (view.endpoints.some((it) => it.over)) return verdict('wait', t(words.verdicts.over));
  const live = liveInput(view);
  if (!live) return verdict('wait', t(words.verdicts.failover.unsettled));
  if (!flowing.includes(otherThan(live))) return verdict('wait', words.verdicts.failover.noReserve(live));
  if (live !== preferred) return verdict('wait', words.verdicts.failover.notPreferred(live));
  return verdict('ok', words.verdicts.failover.well(live));
}

/** Which input the outputs of one pipeline get, as its relay reports; undefined without failover or report. */
export function liveInputOf(view: FlowView, pipeline: Pipeline): Pipeline | undefined {
  if (view.state === 'idle') return undefined;
  const own = view.endpoints.find((it) => it.role === 'source' && it.id === 'input' && it.pipeline === pipeline)?.live;
  if (own === undefined) return undefined;
  return own ? pipeline : otherThan(pipeline);
}

/** The input that all outputs get; undefined also while the relays of the two pipelines differ, or one says nothing. */
export function liveInput(view: FlowView): Pipeline | undefined {
  const [first, second] = bothPipelines.map((pipeline) => liveInputOf(view, pipeline));
  return first === second ? first : undefined;
}

/** With failover: the pipelines whose relay gets no media from the other one's, though that has some to give. */
export function brokenCrossings(view: FlowView): readonly Pipeline[] {
  if (!view.flow.input.failover || view.state !== 'running') return [];
  const isFlowing = (pipeline: Pipeline, id: string): boolean =>
    view.endpoints.some(
      (it) => it.pipeline === pipeline && it.id === id && it.role === 'source' && it.state === 'connected',
    );
  return bothPipelines.filter((pipeline) => isFlowing(otherThan(pipeline), 'input') && !isFlowing(pipeline, 'cross'));
}

interface Destined {
  readonly pipeline: Pipeline;
  readonly status: Status;
}

const destinationsOf = (view: FlowView): readonly Destined[] =>
  view.flow.outputs.flatMap((output) =>
    bothPipelines
      .filter((pipeline) => output.destinations[pipeline])
      .map((pipeline) => ({ pipeline, status: outputStatus(view, output, pipeline) })),
  );

const reported = (endpoint: EndpointStatus, protocol: Protocol): Status => ({
  tone: toneOf(endpoint),
  word: t(words.endpointStates[endpoint.state]),
  sentence: t(
    hasLostItsEncoder(endpoint) ? words.lostEncoder : words.conditions[endpoint.role][protocol][endpoint.condition],
  ),
  endpoint,
});

/** An input that nobody has pushed to yet waits; one that had media and has none is an alarm. */
const hasLostItsEncoder = ({ role, condition, packets }: EndpointStatus): boolean =>
  role === 'source' && condition === 'listening' && packets > 0;

function toneOf(endpoint: EndpointStatus): Tone {
  if (hasLostItsEncoder(endpoint)) return 'bad';
  switch (endpoint.condition) {
    case 'flowing':
      return endpoint.state === 'connected' ? 'ok' : 'wait';
    case 'stalled':
    case 'unacknowledged':
    case 'backing-off':
    case 'quarantined':
      return 'bad';
    case 'listening':
    case 'dialling':
    case 'no-input':
      return 'wait';
  }
}

const verdict = (tone: Tone, sentence: string): Verdict => ({ tone, sentence });

const absent = (tone: Tone, word: EndpointWord, sentence: string): Status => ({
  tone,
  word: t(words.endpointStates[word]),
  sentence: t(sentence),
});
