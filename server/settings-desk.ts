/** What the Settings page shows of this installation, and the one thing that it does: restart relays in order. */
import type { Region } from '../db/model.ts';
import type { RelayNow } from './fleet.ts';
import type { Load } from './process-load.ts';
import type { Drain, DrainProgress } from './relay-drain.ts';

export interface RelayRow extends Omit<RelayNow, 'flowing' | 'boot'> {
  readonly regionId: string;
  readonly isRunning: boolean;
  readonly pid: number | undefined;
  readonly load: Load | undefined;
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
  readonly relays: () => readonly RelayNow[];
  readonly pids: () => ReadonlyMap<string, number>;
  readonly loadOf: (pid: number) => Load | undefined;
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
      const load = pid === undefined ? undefined : deps.loadOf(pid);
      return { ...relay, regionId, isRunning: boot !== undefined, pid, load };
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
