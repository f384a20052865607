/** What is wrong now, by the rules: one reading for each thing that a rule watches. Pure, but for what it remembers of inputs. */
import type { Alarm, AlarmKind, AlarmPlace, AlarmRule } from '../db/alarm-model.ts';
import type { EndpointStatus } from '../relay/contract/messages.ts';
import { type Pipeline, pipelines } from '../relay/contract/settings.ts';
import type { RelayView } from './fleet.ts';
import type { LiveFlow } from './monitor.ts';
import type { Vitals } from './vitals.ts';

/** A flow that has run for this long without any media at all is told of. */
const FIRST_MEDIA_MS = 30_000;
/** A relay that has not been heard since the server started has this long to come. */
const FIRST_REPORT_MS = 15_000;
/** A sample without a byte: so long has there been silence, when we hear of it. */
const SAMPLE_MS = 1000;

/** `unknown` is neither: nothing is raised on it, and nothing cleared. `forMs`: so long it has been bad already. */
export interface Reading extends AlarmPlace {
  readonly kind: AlarmKind;
  readonly rule: AlarmRule;
  readonly verdict: 'bad' | 'good' | 'unknown';
  readonly forMs?: number;
  readonly value?: number;
  readonly threshold?: number;
}

export interface Scene {
  readonly flows: readonly LiveFlow[];
  readonly vitals: Pick<Vitals, 'of'>;
  readonly relays: readonly RelayView[];
  readonly storageFailed: boolean;
}

/** The rule for a kind: of this flow, or of all. Undefined where there is none, or it is off. */
export type RuleOf = (kind: AlarmKind, flowId?: string) => AlarmRule | undefined;

type Verdict = Pick<Reading, 'verdict' | 'forMs' | 'value' | 'threshold'>;

const good: Verdict = { verdict: 'good' };
const unknown: Verdict = { verdict: 'unknown' };
const judged = (isBad: boolean, more: Omit<Verdict, 'verdict'> = {}): Verdict =>
  isBad ? { verdict: 'bad', ...more } : good;

/** The rule of each kind, with a flow's own before that of all. */
export function ruleFinder(rules: readonly AlarmRule[]): RuleOf {
  const byScope = new Map(rules.map((rule) => [`${rule.kind} ${rule.flowId ?? ''}`, rule]));
  return (kind, flowId) => {
    const rule = (flowId !== undefined && byScope.get(`${kind} ${flowId}`)) || byScope.get(`${kind} `);
    return rule?.enabled ? rule : undefined;
  };
}

/** Remembers which inputs have had media while their flow runs: only what was there can be lost. */
export class Watch {
  readonly #seen = new Set<string>();
  readonly #runningSince = new Map<string, number>();
  readonly #startedAt: number;

  /** `now`: monotonic ms, when the server started to look. `firing`: an input that was lost then has had media. */
  constructor(now: number, firing: readonly Alarm[] = []) {
    this.#startedAt = now;
    for (const { kind, flowId = '', pipeline = '' } of firing)
      if (kind === 'input-lost') this.#seen.add(`${flowId} ${pipeline}`);
  }

  /** Everything that a rule watches now, with how it stands. What is missing here is not watched any more. */
  read(scene: Scene, ruleOf: RuleOf, now: number): Reading[] {
    const running = scene.flows.filter(({ flow }) => flow.running);
    this.#forgetAllBut(running);
    for (const live of running) this.#look(live, now);
    return [
      ...running.flatMap((live) => this.#readFlow(live, scene, ruleOf, now)),
      ...this.#readServer(scene, ruleOf, now),
    ];
  }

  #readFlow(live: LiveFlow, scene: Scene, ruleOf: RuleOf, now: number): Reading[] {
    const { flow } = live;
    const of = (kind: AlarmKind, place: AlarmPlace, verdict: (rule: AlarmRule) => Verdict): Reading[] => {
      const rule = ruleOf(kind, flow.id);
      return rule ? [{ flowId: flow.id, flowName: flow.name, ...place, kind, rule, ...verdict(rule) }] : [];
    };
    const inputs = pipelines.flatMap((pipeline) => {
      const input = inputOf(live, pipeline);
      const place = { pipeline, endpointId: 'input', endpointName: flow.input.name };
      const tracks = input && scene.vitals.of(input)?.tracks;
      const loss = input && scene.vitals.of(input)?.values['lossRatio'];
      const flowing = (measure: (input: EndpointStatus) => Verdict): Verdict =>
        input ? (isFlowing(input) ? measure(input) : good) : unknown;
      const hasFrames = (kind: 'video' | 'audio') => () =>
        tracks ? judged(!tracks.some((track) => track.kind === kind && (track.values['frameRate'] ?? 0) > 0)) : unknown;
      return [
        ...of('input-lost', place, () => this.#inputLost(live, pipeline, now)),
        ...of('over-bandwidth', place, () =>
          input ? judged(input.over, { value: input.bitrate, threshold: flow.maxBitrate }) : unknown,
        ),
        ...of('loss-above', place, ({ threshold = 1 }) =>
          flowing(() => (loss === undefined ? unknown : judged(loss > threshold, { value: loss, threshold }))),
        ),
        ...of('bitrate-below', place, ({ threshold = 0 }) =>
          flowing(({ bitrate }) => judged(bitrate < threshold, { value: bitrate, threshold })),
        ),
        ...of('bitrate-above', place, ({ threshold = Infinity }) =>
          flowing(({ bitrate }) => judged(bitrate > threshold, { value: bitrate, threshold })),
        ),
        ...of('no-video', place, () => flowing(hasFrames('video'))),
        ...of('no-audio', place, () => flowing(hasFrames('audio'))),
      ];
    });
    const outputs = flow.outputs.flatMap((output) =>
      pipelines
        .filter((pipeline) => output.destinations[pipeline])
        .flatMap((pipeline) =>
          of('output-down', { pipeline, endpointId: output.id, endpointName: output.name }, () =>
            outputDown(live, output.id, pipeline),
          ),
        ),
    );
    const { failover } = flow.input;
    const onOther = failover
      ? of('failover', { pipeline: failover.preferred, endpointId: 'input', endpointName: flow.input.name }, () => {
          const isLive = inputOf(live, failover.preferred)?.live;
          return isLive === undefined ? unknown : judged(!isLive);
        })
      : [];
    return [...inputs, ...outputs, ...onOther];
  }

  #readServer({ relays, storageFailed }: Scene, ruleOf: RuleOf, now: number): Reading[] {
    const lost = ruleOf('relay-lost');
    const storage = ruleOf('storage-failed');
    const isEarly = now - this.#startedAt < FIRST_REPORT_MS;
    const relayReadings = relays
      .filter(({ needed }) => needed)
      .map((relay) => ({ relay, verdict: !relay.heard && isEarly ? unknown : judged(relay.lost || !relay.heard) }));
    return [
      ...(lost
        ? relayReadings.map(({ relay, verdict }) => ({
            kind: 'relay-lost' as const,
            rule: lost,
            relayId: relay.relayId,
            ...verdict,
          }))
        : []),
      ...(storage ? [{ kind: 'storage-failed' as const, rule: storage, ...judged(storageFailed) }] : []),
    ];
  }

  /** What the relay says is believed: a lost connection at once, silence after a sample without a byte. */
  #inputLost(live: LiveFlow, pipeline: Pipeline, now: number): Verdict {
    const input = inputOf(live, pipeline);
    if (!input) return unknown;
    if (isFlowing(input)) return good;
    const key = (of: Pipeline): string => `${live.flow.id} ${of}`;
    if (this.#seen.has(key(pipeline)))
      // Media that has just begun has no sample yet; what was seen before and has a sample of nothing is silent.
      return judged(true, input.condition === 'flowing' ? { forMs: SAMPLE_MS } : {});
    if (pipelines.some((other) => this.#seen.has(key(other))) || pipeline !== 'primary') return good;
    const waitedMs = now - (this.#runningSince.get(live.flow.id) ?? now);
    return waitedMs >= FIRST_MEDIA_MS ? judged(true, { forMs: waitedMs }) : unknown;
  }

  #look(live: LiveFlow, now: number): void {
    const { id } = live.flow;
    if (!this.#runningSince.has(id)) this.#runningSince.set(id, now);
    for (const pipeline of pipelines) {
      const input = inputOf(live, pipeline);
      // An earlier server may have seen what this one did not: a relay counts since the pipeline opened.
      if (input && (isFlowing(input) || (input.condition !== 'flowing' && input.packets > 0)))
        this.#seen.add(`${id} ${pipeline}`);
    }
  }

  #forgetAllBut(running: readonly LiveFlow[]): void {
    const ids = new Set(running.map(({ flow }) => flow.id));
    for (const id of this.#runningSince.keys()) if (!ids.has(id)) this.#runningSince.delete(id);
    for (const key of this.#seen) if (!ids.has(key.split(' ')[0] ?? '')) this.#seen.delete(key);
  }
}

const inputOf = ({ endpoints }: LiveFlow, pipeline: Pipeline): EndpointStatus | undefined =>
  endpoints.find((it) => it.id === 'input' && it.pipeline === pipeline);

const isFlowing = ({ condition, bitrate }: EndpointStatus): boolean => condition === 'flowing' && bitrate > 0;

/** A destination is down while its pipeline has media and it does not get it. Without media only its connection tells. */
function outputDown(live: LiveFlow, outputId: string, pipeline: Pipeline): Verdict {
  const sink = live.endpoints.find((it) => it.id === outputId && it.pipeline === pipeline);
  if (!sink) return unknown;
  if (sink.condition === 'flowing') return good;
  const feeding = live.flow.input.failover ? pipelines : [pipeline];
  const isFed = feeding.some((it) => {
    const input = inputOf(live, it);
    return input !== undefined && isFlowing(input);
  });
  if (isFed) return judged(true);
  return sink.condition === 'no-input' ? good : unknown;
}
