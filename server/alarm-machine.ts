/** When an alarm begins and ends: hold-off before, a quiet time after. Time is an argument; nothing here waits. */
import type { Alarm, AlarmPlace } from '../db/alarm-model.ts';
import type { Reading } from './alarm-readings.ts';

/** Both clocks, read together: `now` is monotonic ms, `at` epoch ms. */
export interface Moment {
  readonly now: number;
  readonly at: number;
}

export interface AlarmChanges {
  readonly fired: readonly Alarm[];
  readonly cleared: readonly Alarm[];
}

interface Track {
  /** Since when it is bad, while no alarm fires yet; monotonic ms. */
  badSince?: number;
  /** Since when it is good, while an alarm fires. */
  goodSince?: number;
  alarm?: Alarm;
}

/**
 * One track for each thing that is watched. Bad for as long as the rule says: fires. Good for as long as the rule says:
 * clears. Unknown: what counts starts over, and what fires goes on firing. No longer watched: clears at once.
 */
export class AlarmMachine {
  readonly #tracks = new Map<string, Track>();
  readonly #makeId: () => string;

  /** `firing`: the alarms that fired when the server stopped. */
  constructor(firing: readonly Alarm[], makeId: () => string) {
    this.#makeId = makeId;
    for (const alarm of firing) this.#tracks.set(keyOf(alarm), { alarm });
  }

  /** Those that fire, oldest first. */
  firing(): Alarm[] {
    return [...this.#tracks.values()]
      .flatMap(({ alarm }) => (alarm ? [alarm] : []))
      .sort((a, b) => a.firedAt - b.firedAt);
  }

  step(readings: readonly Reading[], moment: Moment): AlarmChanges {
    const keyed = readings.map((reading) => ({ key: keyOf(reading), reading }));
    const watched = new Set(keyed.map(({ key }) => key));
    const stopped = [...this.#tracks].filter(([key]) => !watched.has(key));
    const cleared = stopped.flatMap(([key, { alarm }]): Alarm[] => {
      this.#tracks.delete(key);
      return alarm ? [{ ...alarm, clearedAt: moment.at, clearedBy: 'stopped' }] : [];
    });
    const fired: Alarm[] = [];
    for (const { key, reading } of keyed) {
      const track = this.#tracks.get(key) ?? {};
      this.#tracks.set(key, track);
      if (track.alarm) cleared.push(...this.#quiet(track, track.alarm, reading, moment));
      else fired.push(...this.#hold(track, reading, moment));
    }
    return { fired, cleared };
  }

  /** Notes that somebody has seen it. Undefined where it does not fire. */
  acknowledge(alarmId: string, by: string, at: number): Alarm | undefined {
    const track = [...this.#tracks.values()].find(({ alarm }) => alarm?.id === alarmId);
    if (!track?.alarm) return undefined;
    if (track.alarm.acknowledgedAt === undefined)
      track.alarm = { ...track.alarm, acknowledgedAt: at, acknowledgedBy: by };
    return track.alarm;
  }

  #hold(track: Track, reading: Reading, { now, at }: Moment): Alarm[] {
    if (reading.verdict !== 'bad') {
      track.badSince = undefined;
      return [];
    }
    track.badSince = Math.min(track.badSince ?? now, now - (reading.forMs ?? 0));
    const lastedMs = now - track.badSince;
    if (lastedMs < reading.rule.holdMs) return [];
    track.badSince = undefined;
    track.goodSince = undefined;
    const { kind, rule: _rule, verdict: _verdict, forMs: _forMs, ...place } = reading;
    track.alarm = { id: this.#makeId(), kind, ...place, since: Math.round(at - lastedMs), firedAt: at };
    return [track.alarm];
  }

  #quiet(track: Track, alarm: Alarm, reading: Reading, { now, at }: Moment): Alarm[] {
    if (reading.verdict !== 'good') {
      track.goodSince = undefined;
      return [];
    }
    track.goodSince ??= now;
    if (now - track.goodSince < reading.rule.clearMs) return [];
    track.alarm = undefined;
    return [{ ...alarm, clearedAt: at, clearedBy: 'recovered' }];
  }
}

/** What an alarm is about: at most one fires of it. */
const keyOf = ({ kind, flowId, pipeline, endpointId, relayId }: AlarmPlace & Pick<Alarm, 'kind'>): string =>
  `${kind} ${flowId ?? ''} ${pipeline ?? ''} ${endpointId ?? ''} ${relayId ?? ''}`;
