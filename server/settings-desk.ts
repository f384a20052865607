/** What the Settings page shows of this installation, and the one thing that it does: restart relays in order. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Region } from '../db/model.ts';
import type { ProcessVitals } from '../relay/contract/messages.ts';
import type { Config } from './config.ts';
import type { Fleet } from './fleet.ts';
import type { LocalRelays } from './local-relays.ts';
import { createDrain, type Drain, type DrainProgress } from './relay-drain.ts';
import type { RelayStanding } from './relay-view.ts';
import type { StorageWatch } from './storage-watch.ts';

export interface RelayRow extends Omit<RelayStanding, 'flowing' | 'boot'> {
  readonly regionId: string;
  readonly isRunning: boolean;
  readonly pid: number | undefined;
  readonly process: ProcessVitals | undefined;
}

/** `failingSince` is epoch ms; undefined while the file takes what is written. Bytes are undefined where there is no file. */
export interface KeptFile {
  readonly name: 'health' | 'log';
  readonly bytes: number | undefined;
  readonly failingSince: number | undefined;
}

export interface Installation {
  readonly regions: readonly Region[];
  readonly relays: readonly RelayRow[];
  readonly progress: DrainProgress;
  readonly retentionDays: number;
  readonly files: readonly KeptFile[];
  readonly version: string;
  /** Epoch ms. */
  readonly startedAt: number;
}

export interface SettingsDesk {
  look(): Installation;
  /** Of these relays, or of all that run: backups first. Throws a Refusal. */
  restart(relayIds?: readonly string[]): void;
}

export interface SettingsDeps {
  readonly regions: readonly Region[];
  readonly relays: () => readonly RelayStanding[];
  readonly pids: () => ReadonlyMap<string, number>;
  readonly drain: Drain;
  readonly retentionDays: number;
  readonly files: () => readonly KeptFile[];
  readonly version: string;
  readonly startedAt: number;
}

export function createSettingsDesk(deps: SettingsDeps): SettingsDesk {
  const rows = (): RelayRow[] => {
    const pids = deps.pids();
    return deps.relays().map(({ flowing: _ends, boot, ...relay }) => {
      const pid = pids.get(relay.relayId);
      const regionId = relay.relayId.replace(/-[12]$/, '');
      return { ...relay, regionId, isRunning: boot !== undefined, pid };
    });
  };
  return {
    look: () => ({
      regions: deps.regions,
      relays: rows(),
      progress: deps.drain.progress(),
      retentionDays: deps.retentionDays,
      files: deps.files(),
      version: deps.version,
      startedAt: deps.startedAt,
    }),
    restart: (relayIds) => deps.drain.restart(relayIds ?? backupsFirst(rows())),
  };
}

/** All backups come before the first primary, so that what is on air is touched last. */
const backupsFirst = (rows: readonly RelayRow[]): readonly string[] =>
  rows
    .filter(({ isRunning }) => isRunning)
    .map(({ relayId }) => relayId)
    .toSorted((a, b) => Number(a.endsWith('-1')) - Number(b.endsWith('-1')) || a.localeCompare(b));

/** How often a restart looks whether a relay is back. */
const LOOK_MS = 100;
const historyFiles = ['health', 'log'] as const;

export interface SettingsGround {
  readonly config: Pick<Config, 'dataFolder' | 'retentionDays'>;
  readonly regions: readonly Region[];
  readonly fleet: Fleet;
  readonly relays: LocalRelays;
  readonly storage: StorageWatch;
  readonly version: string;
  readonly say: (what: string, detail: Record<string, unknown>) => void;
}

/** For the server as it runs. */
export function openSettings({ config, regions, fleet, relays, storage, version, say }: SettingsGround): SettingsDesk {
  const { dataFolder, retentionDays } = config;
  const standings = () => fleet.standings();
  const drain = createDrain({
    relays: standings,
    end: (relayId) => relays.end(relayId),
    now: () => performance.now(),
    pause: () => sleep(LOOK_MS),
    log: say,
  });
  const files = (): KeptFile[] =>
    historyFiles.map((name) => ({
      name,
      bytes: bytesOf(join(dataFolder, `${name}.db`)),
      failingSince: storage.failingSince(name),
    }));
  const rest = { retentionDays, files, version, startedAt: Date.now() };
  return createSettingsDesk({ regions, relays: standings, pids: () => relays.pids(), drain, ...rest });
}

/** With what waits beside it to be written into it; undefined where there is no such file. */
function bytesOf(path: string): number | undefined {
  const sizes = [path, `${path}-wal`].flatMap((file) => statSync(file, { throwIfNoEntry: false })?.size ?? []);
  return sizes.length === 0 ? undefined : sizes.reduce((sum, size) => sum + size, 0);
}
