/** Health as operators ask for it: what relays measured is kept each second, and read by endpoint and track. */
import { type HealthFieldName, healthFields } from '../db/history-fields.ts';
import {
  type HealthChannel,
  type HealthSample,
  type HealthSeries,
  type HealthTotals,
  HistoryError,
  type KeptChannel,
} from '../db/history-model.ts';
import type { History } from '../db/history.ts';
import type { EndpointHealth, Health, HealthSecond, TrackAbout } from '../relay/contract/health.ts';
import { createNewest, type EndNow, type Vitals } from './health-newest.ts';
import { createInputRates } from './health-rates.ts';
import { Refusal } from './refusal.ts';
import { checkRange } from './rules.ts';
import { createWriteWatch } from './storage-watch.ts';
import { createTrackNotes, readAbout } from './track-notes.ts';

export { type HealthFieldName, healthFields } from '../db/history-fields.ts';

export interface HealthQuestion {
  readonly channel: HealthChannel;
  /** Epoch ms; less than 24 hours apart, within the days that are kept. */
  readonly from: number;
  readonly to: number;
  readonly fields: readonly HealthFieldName[];
  readonly maxPoints?: number;
}

/** An endpoint or a track that was measured. `about` has held from `since` (epoch ms) on. */
export interface MeasuredChannel extends HealthChannel {
  readonly about?: TrackAbout;
  readonly since?: number;
}

/** What operators can ask of the kept health. Rejects with a Refusal where a range is too long or too old. */
export interface HealthDesk {
  readonly retentionDays: number;
  /** Since when nothing is kept because the disk does not take it (epoch ms); undefined while all is well. */
  failingSince(): number | undefined;
  /** What was measured of a flow's endpoints just now; one whose relay is silent is absent. */
  now(flowId: string): readonly EndNow[];
  /** The same for one endpoint, as alarms and metrics ask for it. */
  readonly vitals: Vitals;
  /** What came in at all inputs of a flow over the last five minutes: bit/s each 5 s, oldest first; see health-rates.ts. */
  inputRates(flowId: string): readonly (number | undefined)[];
  /** Resolves once all of it is on disk: only then may a relay forget it. */
  take(health: Health): Promise<void>;
  read(question: HealthQuestion): Promise<HealthSeries>;
  /** The same as UTF-8 text, made off the event loop. */
  readText(question: HealthQuestion, form: 'json' | 'csv'): Promise<Uint8Array>;
  /** With what each track was at the end of the range, as far as that was noted. */
  channels(flowId: string, from: number, to: number): Promise<readonly MeasuredChannel[]>;
  totals(channel: HealthChannel): Promise<HealthTotals>;
  /** Totals begin anew now, at the epoch ms that is returned; nothing is deleted. */
  reset(channel: HealthChannel): Promise<number>;
}

export interface HealthDeskDeps {
  readonly history: History;
  /** As the history has it. */
  readonly retentionDays: number;
  readonly failingSince: () => number | undefined;
  /** Epoch ms. */
  readonly now: () => number;
  /** Monotonic ms. */
  readonly ticks: () => number;
}

export function createHealthDesk({ history, retentionDays, failingSince, now, ticks }: HealthDeskDeps): HealthDesk {
  const newest = createNewest();
  const rates = createInputRates();
  const writes = createWriteWatch(now);
  const notes = createTrackNotes(history);
  const check = (from: number, to: number): void => checkRange({ from, to }, now(), retentionDays);
  const reading = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw error instanceof HistoryError ? new Refusal('history-unavailable') : error;
    }
  };
  return {
    retentionDays,
    failingSince: () => failingSince() ?? writes.failingSince(),
    now: (flowId) => newest.of(flowId, { wall: now(), ticks: ticks() }),
    vitals: newest.vitals(now),
    inputRates: (flowId) => rates.of(flowId, now()),
    take: async (health) => {
      const { seconds } = health;
      const moment = { wall: now(), ticks: ticks() };
      newest.take(health, moment);
      rates.take(health, moment);
      await Promise.all([writes.watch(history.write(seconds.flatMap(toAllSamples))), notes.take(health)]);
    },
    read: async (question) => {
      check(question.from, question.to);
      return reading(history.read(question));
    },
    readText: async (question, form) => {
      check(question.from, question.to);
      return reading(history.readText(question, form));
    },
    channels: async (flowId, from, to) => {
      check(from, to);
      return (await reading(history.channels({ flowId, from, to }))).map(toMeasured);
    },
    totals: (channel) => reading(history.totals(channel, now())),
    reset: async (channel) => {
      const at = now();
      await reading(history.mark(channel, at));
      return at;
    },
  };
}

function toMeasured({ note, ...channel }: KeptChannel): MeasuredChannel {
  const about = readAbout(note?.about);
  return { ...channel, ...(note && about && { about, since: note.at }) };
}

const toAllSamples = ({ at, endpoints }: HealthSecond): HealthSample[] =>
  endpoints.flatMap((one) => toSamples(one, at));

/** One for the endpoint and one for each of its tracks. Figures that this version does not know are left out. */
function toSamples({ flowId, pipeline, id, values, tracks }: EndpointHealth, at: number): HealthSample[] {
  const channel = { flowId, pipeline, endpointId: id };
  return [
    { channel, at, values: known(values) },
    ...tracks.map((track) => ({ channel: { ...channel, track: track.id }, at, values: known(track.values) })),
  ];
}

const names = new Set<string>(healthFields.map(({ name }) => name));
const isField = (name: string): name is HealthFieldName => names.has(name);

const known = (values: Readonly<Record<string, number>>): Partial<Record<HealthFieldName, number>> =>
  Object.fromEntries(Object.entries(values).filter(([name, value]) => isField(name) && Number.isFinite(value)));
