/** Alarms as operators see them: looked for many times a second, kept, acknowledged, and handed to the webhooks. */
import { randomUUID } from 'node:crypto';
import type { Alarm, AlarmRule, Delivery } from '../db/alarm-model.ts';
import { loadFiring, pruneAlarms, readAlarm, readHistory, saveChanges } from '../db/alarms.ts';
import { isStorageFault, type OpenedDatabase } from '../db/open.ts';
import { AlarmMachine } from './alarm-machine.ts';
import { ruleFinder, type Scene, Watch } from './alarm-readings.ts';
import { Refusal } from './refusal.ts';
import type { Webhooks } from './webhooks.ts';

/** A change is looked at so soon after it, */
const LOOK_MS = 50;
/** and no sooner after the last look than this: with 200 flows a look takes 5 ms. */
const BETWEEN_LOOKS_MS = 200;
/** Everything is looked at this often: time passes without a word from a relay. */
const TICK_MS = 500;
/** What could not be kept is tried again after this. */
const RETRY_MS = 5000;
/** Alarms that are over are kept for so long, and so many. */
const KEEP_MS = 30 * 86_400_000;
const MOST_KEPT = 10_000;
export const LONGEST_ALARM_PAGE = 200;

export interface AlarmDesk {
  /** Those that fire now, oldest first. */
  firing(): readonly Alarm[];
  /** Those that are over, newest first; `before` is the id of the last one of the page before, or a Refusal is thrown. */
  history(question: {
    readonly flowId?: string;
    readonly before?: string;
    readonly limit: number;
  }): Promise<readonly Alarm[]>;
  /** Throws a Refusal where there is none with this id. */
  get(alarmId: string): Promise<Alarm>;
  /** `by`: `console`, or the id of an API key. The first who does it stays. */
  acknowledge(alarmId: string, by: string): Promise<Alarm>;
  /** Looks at once, for whoever has just changed a rule. */
  look(): void;
  /** `hear` is called when an alarm fires, clears or is acknowledged. Returns the way to stop. */
  subscribe(hear: (alarms: readonly Alarm[]) => void): () => void;
  prune(): Promise<void>;
  /** Resolves when what was found is kept. */
  close(): Promise<void>;
}

export interface AlarmsDeps {
  readonly database: OpenedDatabase;
  readonly rules: () => readonly AlarmRule[];
  readonly scene: () => Scene;
  /** Calls when something may have changed. Returns the way to stop. */
  readonly changes: (hear: () => void) => () => void;
  readonly webhooks: Pick<Webhooks, 'compose' | 'enqueue'>;
  /** Monotonic ms. */
  readonly now: () => number;
  /** Epoch ms. */
  readonly at: () => number;
  readonly complain: (what: string, detail: Record<string, unknown>) => void;
}

export async function openAlarms(deps: AlarmsDeps): Promise<AlarmDesk> {
  const { db } = deps.database;
  const before = await loadFiring(db);
  const machine = new AlarmMachine(before, () => randomUUID());
  const watch = new Watch(deps.now(), before);
  const keeper = createKeeper(deps);
  const hearers = new Set<(alarms: readonly Alarm[]) => void>();
  let soon: NodeJS.Timeout | undefined;
  let lookedAt = deps.now();
  let isClosed = false;

  const look = (): void => {
    if (isClosed) return;
    const now = deps.now();
    const changes = machine.step(watch.read(deps.scene(), ruleFinder(deps.rules()), now), { now, at: deps.at() });
    const changed = [...changes.fired, ...changes.cleared];
    if (changed.length > 0) keeper.keep(changed, deps.webhooks.compose(changes));
    else keeper.retry();
    tell(changed);
  };
  const tell = (alarms: readonly Alarm[]): void => {
    if (alarms.length > 0) for (const hear of [...hearers]) hear(alarms);
  };
  const lookNow = (): void => {
    clearTimeout(soon);
    soon = undefined;
    lookedAt = deps.now();
    look();
  };
  const stopHearing = deps.changes(() => {
    soon ??= setTimeout(lookNow, Math.max(LOOK_MS, lookedAt + BETWEEN_LOOKS_MS - deps.now()));
  });
  const ticking = setInterval(lookNow, TICK_MS);

  return {
    firing: () => machine.firing(),
    history: async (question) => {
      const page = await readHistory(db, question);
      if (!page) throw new Refusal('cursor-invalid');
      return page;
    },
    get: async (alarmId) => {
      const alarm = machine.firing().find(({ id }) => id === alarmId) ?? (await readAlarm(db, alarmId));
      if (!alarm) throw new Refusal('alarm-not-found');
      return alarm;
    },
    acknowledge: async (alarmId, by) => {
      const found = machine.acknowledge(alarmId, by, deps.at()) ?? (await readAlarm(db, alarmId));
      if (!found) throw new Refusal('alarm-not-found');
      const isFirst = found.acknowledgedAt === undefined;
      const alarm = isFirst ? { ...found, acknowledgedAt: deps.at(), acknowledgedBy: by } : found;
      keeper.keep([alarm], []);
      await keeper.settled();
      tell([alarm]);
      return alarm;
    },
    look: lookNow,
    subscribe: (hear) => {
      hearers.add(hear);
      return () => hearers.delete(hear);
    },
    prune: () => deps.database.write(() => pruneAlarms(db, deps.at() - KEEP_MS, MOST_KEPT)),
    close: async () => {
      isClosed = true;
      stopHearing();
      clearInterval(ticking);
      clearTimeout(soon);
      await keeper.settled();
    },
  };
}

interface Keeper {
  /** Keeps them, and then lets the messages go. */
  keep(alarms: readonly Alarm[], messages: readonly Delivery[]): void;
  /** Tries again what could not be kept. */
  retry(): void;
  settled(): Promise<void>;
}

/**
 * An alarm is kept before it is sent, so that a server that dies in between neither forgets it nor raises it twice. A disk
 * that takes nothing must not silence the alarm that says so: then it is sent all the same, and kept as soon as may be.
 */
function createKeeper({ database: { db, write }, webhooks, now, complain }: AlarmsDeps): Keeper {
  const unsaved = new Map<string, Alarm>();
  let tail: Promise<void> = Promise.resolve();
  let triedAt = Number.NEGATIVE_INFINITY;
  const save = async (alarms: readonly Alarm[], messages: readonly Delivery[]): Promise<void> => {
    for (const alarm of alarms) unsaved.set(alarm.id, alarm);
    triedAt = now();
    try {
      const all = [...unsaved.values()];
      await write(() => saveChanges(db, all, messages));
      for (const alarm of all) if (unsaved.get(alarm.id) === alarm) unsaved.delete(alarm.id);
    } catch (error) {
      complain('alarms are not kept yet', { count: unsaved.size, full: isStorageFault(error), reason: String(error) });
    }
    webhooks.enqueue(messages);
  };
  const keep: Keeper['keep'] = (alarms, messages) => {
    tail = tail.then(() => save(alarms, messages));
  };
  return {
    keep,
    retry: () => {
      if (unsaved.size > 0 && now() - triedAt >= RETRY_MS) keep([], []);
    },
    settled: () => tail,
  };
}
