/** What the vendor's door needs of the server: the same doings and watchings as every way in. */
import type { PublicPlaces } from '../../addresses.ts';
import type { ApiKeys } from '../../api-keys.ts';
import type { Flows } from '../../flows.ts';
import type { HealthDesk } from '../../health.ts';
import type { LogDesk, LogEvent } from '../../log-desk.ts';
import type { Monitor } from '../../monitor.ts';
import type { TrackKinds } from '../../track-kinds.ts';
import type { WaitingFlows } from '../../waiting-flows.ts';

export interface VendorDeps extends PublicPlaces {
  readonly flows: Flows;
  readonly waiting: WaitingFlows;
  readonly monitor: Monitor;
  readonly health: HealthDesk;
  readonly log: LogDesk;
  readonly trackKinds: TrackKinds;
  /** The words of an event of the log. */
  readonly sentenceOf: (event: LogEvent) => string;
  readonly apiKeys: Pick<ApiKeys, 'secretOf'>;
  readonly complain: (what: string, detail: Record<string, unknown>) => void;
  /** Epoch ms. */
  readonly now: () => number;
}
