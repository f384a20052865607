/** What the connection doctor looks at: one end of a flow, with all that is known of it, and what it may find. */
import type { LogEvent } from '../../db/model.ts';
import type { EndpointStatus } from '../../relay/contract/messages.ts';
import type { Pipeline, Protocol } from '../../relay/contract/settings.ts';
import type { EndNow, FlowPage } from './props.ts';
import { lastingText } from './units.ts';
import type { Role } from './words.ts';

/** How far back an event still says how things are. */
export const WINDOW_MS = 300_000;

/** `bad`: media is missing or in danger. `wait`: look at it when there is time. */
export interface Ailment {
  readonly tone: 'bad' | 'wait';
  readonly sentence: string;
  /** Where the reader can mend it at once. */
  readonly fix?: { readonly href: string; readonly text: string };
  /** It says all that the last incident of the end would. */
  readonly saysIncident?: boolean;
}

/** One end with all that is known of it. */
export interface Patient {
  readonly page: FlowPage;
  readonly role: Role;
  readonly id: string;
  readonly pipeline: Pipeline;
  readonly protocol: Protocol;
  /** Where its relay is. */
  readonly regionId: string;
  readonly status: EndpointStatus | undefined;
  readonly reading: EndNow | undefined;
  /** All that is known of it, newest first. */
  readonly events: readonly LogEvent[];
}

export const ageText = ({ at }: FlowPage, then: number): string => lastingText(at - then);

/** Lines of one code within the window, newest first. */
export const lately = ({ page, events }: Patient, code: string, windowMs = WINDOW_MS): readonly LogEvent[] =>
  events.filter((event) => event.code === code && page.at - event.at <= windowMs);
