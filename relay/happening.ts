/** What happens in a relay and belongs in the operator's log: everything is told through one `tell`. */
import type { Facts, PipelinePlan, RelayEventCode } from './contract/messages.ts';
import type { Peer } from './media.ts';

/** At one endpoint of a pipeline. */
export interface Happening {
  readonly endpoint: string;
  readonly role: 'source' | 'sink';
  readonly code: RelayEventCode;
  readonly peer?: Peer | undefined;
  readonly facts: Readonly<Facts>;
}

export type Tell = (happening: Happening) => void;

/** The same, and in which pipeline of which flow. */
export interface RelayHappening extends Happening {
  readonly flowId: string;
  readonly pipeline: PipelinePlan['pipeline'];
}
