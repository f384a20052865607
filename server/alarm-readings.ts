/** What is wrong now, by the rules: one reading for each thing that a rule watches. Pure, but for what it remembers of inputs. */
import type { Alarm, AlarmKind, AlarmPlace, AlarmRule } from '../db/alarm-model.ts';
import type { EndpointStatus } from '../relay/contract/messages.ts';
import { type Pipeline, pipelines } from '../relay/contract/settings.ts';
import type { RelayView } from './relay-view.ts';
import type { LiveFlow } from './monitor.ts';
import type { Vitals } from './health-newest.ts';

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
  readonly vitals: Vitals;
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
    const { id: flowId, name: flowName } = live.flow;
    const add: Add = (kind, place, verdict) => {
      const rule = ruleOf(kind, flowId);
      return rule ? [{ flowId, flowName, ...place, kind, rule, ...verdict(rule) }] : [];
    };
    const inputs = pipelines.flatMap((pipeline) => [
      ...add('input-lost', inputPlace(live, pipeline), () => this.#inputLost(live, pipeline, now)),
      ...readInput(live, pipeline, scene.vitals, add),
    ]);
    return [...inputs, ...readOutputs(live, add), ...readFailover(live, add)];
  }

  #readServer({ relays, storageFailed }: Scene, ruleOf: RuleOf, now: number): Reading[] {
    const lost = ruleOf('relay-lost');
    const storage = ruleOf('storage-failed');
    const isEarly = now - this.#startedAt < FIRST_REPORT_MS;
    const relayReadings = relays
      .filter(({ isNeeded }) => isNeeded)
      .map((relay) => ({ relay, verdict: !relay.isHeard && isEarly ? unknown : judged(relay.state !== 'reporting') }));
    return [
      ...(lost
        ? relayReadings.map(({ relay, verdict }) => ({
            kind: 'relay-lost' as const,
            rule: lost,
            relayId: relay.id,
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

/** A reading, where there is a rule for it. */
type Add = (kind: AlarmKind, place: AlarmPlace, verdict: (rule: AlarmRule) => Verdict) => Reading[];

const inputPlace = ({ flow }: LiveFlow, pipeline: Pipeline): AlarmPlace => ({
  pipeline,
  endpointId: 'input',
  endpointName: flow.input.name,
});

/** What is measured of an input: only while it brings media, since that it brings none is another alarm. */
function readInput(live: LiveFlow, pipeline: Pipeline, vitals: Scene['vitals'], add: Add): Reading[] {
  const place = inputPlace(live, pipeline);
  const input = inputOf(live, pipeline);
  const health = input && vitals.of(input);
  const loss = health?.values['lossRatio'];
  const flowing = (measure: (input: EndpointStatus) => Verdict): Verdict => {
    if (!input) return unknown;
    return isFlowing(input) ? measure(input) : good;
  };
  const hasFrames = (kind: 'video' | 'audio') => (): Verdict =>
    health
      ? judged(!health.tracks.some((track) => track.kind === kind && (track.values['frameRate'] ?? 0) > 0))
      : unknown;
  return [
    ...add('over-bandwidth', place, () =>
      input ? judged(input.over, { value: input.bitrate, threshold: live.flow.maxBitrate }) : unknown,
    ),
    ...add('loss-above', place, ({ threshold = 1 }) =>
      flowing(() => (loss === undefined ? unknown : judged(loss > threshold, { value: loss, threshold }))),
    ),
    ...add('bitrate-below', place, ({ threshold = 0 }) =>
      flowing(({ bitrate }) => judged(bitrate < threshold, { value: bitrate, threshold })),
    ),
    ...add('bitrate-above', place, ({ threshold = Infinity }) =>
      flowing(({ bitrate }) => judged(bitrate > threshold, { value: bitrate, threshold })),
    ),
    ...add('no-video', place, () => flowing(hasFrames('video'))),
    ...add('no-audio', place, () => flowing(hasFrames('audio'))),
  ];
}

const readOutputs = (live: LiveFlow, add: Add): Reading[] =>
  live.flow.outputs.flatMap(({ id, name, destinations }) =>
    pipelines
      .filter((pipeline) => destinations[pipeline])
      .flatMap((pipeline) =>
        add('output-down', { pipeline, endpointId: id, endpointName: name }, () => outputDown(live, id, pipeline)),
      ),
  );

function readFailover(live: LiveFlow, add: Add): Reading[] {
  const { failover } = live.flow.input;
  if (!failover) return [];
  return add('failover', inputPlace(live, failover.preferred), () => {
    const isLive = inputOf(live, failover.preferred)?.live;
    return isLive === undefined ? unknown : judged(!isLive);
  });
}

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
