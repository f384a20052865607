/** The newest reading of each endpoint, in memory: what a "now" is made of, dropped as soon as its relay falls silent. */
import type { EndpointHealth, Health } from '../relay/contract/health.ts';
import { SILENT_MS } from './relay-view.ts';
import { ADVICE_SECONDS, adviseLatency, type LatencyAdvice } from './latency-advice.ts';
import { LinkWindow } from './link-window.ts';

/** A relay that was away hands in its minutes first: what was measured longer ago is history, not now. */
const LATE_MS = 10_000;

/** For alarms and metrics an older reading says nothing of now. */
const FRESH_MS = 5000;

/** More endpoints are not held. A link of SRT takes 10 kB. */
const MOST_ENDS = 20_000;

/** Endpoints that are gone are let go of in passing, this often, when their minutes are over. */
const SWEEP_MS = 60_000;
const GONE_MS = ADVICE_SECONDS * 1000;

/** `wall` is epoch ms, `ticks` monotonic ms, of one moment. */
export interface Moment {
  readonly wall: number;
  readonly ticks: number;
}

/** What was measured of one end just now. */
export interface EndNow extends EndpointHealth {
  /** Of SRT: absent where it is no link of SRT, `undefined` advice while too little was measured. */
  readonly latency?: { readonly seconds: number; readonly advice: LatencyAdvice | undefined };
}

interface End {
  readonly link: LinkWindow;
  reading: EndpointHealth | undefined;
  /** Epoch ms by the relay's clock, and monotonic ms by ours. */
  at: number;
  readAt: number;
  heardAt: number;
}

/** One endpoint's newest reading; undefined where it is none of the last seconds: a gap is a gap. */
export interface Vitals {
  of(place: EndPlace): EndpointHealth | undefined;
}

export type EndPlace = Pick<EndpointHealth, 'flowId' | 'pipeline' | 'id'>;

export interface Newest {
  take(health: Health, moment: Moment): void;
  /** What was measured of a flow's endpoints within SILENT_MS before the moment. */
  of(flowId: string, moment: Moment): readonly EndNow[];
  /** `wall` is epoch ms, as the times of readings are. */
  vitals(wall: () => number): Vitals;
}

export function createNewest(): Newest {
  const flows = new Map<string, Map<string, End>>();
  let count = 0;
  let sweptAt = Number.NEGATIVE_INFINITY;

  const endOf = ({ flowId, pipeline, id }: EndpointHealth): End | undefined => {
    const ends = flows.get(flowId) ?? new Map<string, End>();
    const key = keyOf({ pipeline, id });
    const known = ends.get(key);
    if (known || count >= MOST_ENDS) return known;
    const made = { link: new LinkWindow(), reading: undefined, at: 0, readAt: 0, heardAt: 0 };
    count++;
    flows.set(flowId, ends.set(key, made));
    return made;
  };

  const put = (reading: EndpointHealth, at: number, { wall, ticks }: Moment): void => {
    const end = endOf(reading);
    if (!end) return;
    end.heardAt = ticks;
    end.link.add(at, reading.values);
    if (Math.abs(wall - at) > LATE_MS) return;
    // A relay's clock may be set back: what it said before is worth no more than what was heard long ago.
    if (end.reading && end.at > at && ticks - end.readAt < SILENT_MS) return;
    Object.assign(end, { reading, at, readAt: ticks });
  };

  const sweep = (ticks: number): void => {
    sweptAt = ticks;
    for (const [flowId, ends] of flows) {
      for (const [key, { heardAt }] of ends) if (ticks - heardAt > GONE_MS && ends.delete(key)) count--;
      if (ends.size === 0) flows.delete(flowId);
    }
  };

  return {
    take: ({ seconds }, moment) => {
      if (moment.ticks - sweptAt > SWEEP_MS) sweep(moment.ticks);
      for (const { at, endpoints } of seconds) for (const reading of endpoints) put(reading, at, moment);
    },
    of: (flowId, { wall, ticks }) =>
      [...(flows.get(flowId)?.values() ?? [])].flatMap(({ reading, readAt, link }) =>
        reading && ticks - readAt <= SILENT_MS ? [toNow(reading, link, wall)] : [],
      ),
    vitals: (wall) => ({
      of: ({ flowId, ...place }) => {
        const end = flows.get(flowId)?.get(keyOf(place));
        return end?.reading && wall() - end.at < FRESH_MS ? end.reading : undefined;
      },
    }),
  };
}

const keyOf = ({ pipeline, id }: Omit<EndPlace, 'flowId'>): string => `${pipeline} ${id}`;

/** The latency in force is what both ends agreed on, as the link itself says. */
function toNow(reading: EndpointHealth, link: LinkWindow, wall: number): EndNow {
  const { rttMs, latencyMs } = reading.values;
  if (rttMs === undefined || latencyMs === undefined) return reading;
  const seconds = link.seconds(wall);
  return { ...reading, latency: { seconds: seconds.length, advice: adviseLatency(seconds, latencyMs) } };
}
