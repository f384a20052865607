/** Fills the operator's log: what relays tell and what the server does become lines with names, each kept once. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogEvent } from '../db/history-model.ts';
import type { Flow, Region } from '../db/model.ts';
import type { Events, RelayEvent } from '../relay/contract/messages.ts';
import type { LogDesk } from './log-desk.ts';
import type { ServerEvent } from '../db/server-events.ts';

/** The server's own events that wait for a log that cannot be written: days of an operator's work. */
const MOST_WAITING = 2000;
const BATCH = 200;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;
/** A server that leaves waits so long for its own last events. */
const CLOSE_MS = 2000;

export interface LogBook {
  /** Resolves once all are on disk: only then may the relay forget them. */
  take(relayId: string, events: Events): Promise<void>;
  /** The server's own. Returns at once, and tries until it is kept: no operator waits for the log. */
  note(event: ServerEvent): void;
  /** Resolves when all is kept, or after two seconds. */
  close(): Promise<void>;
}

export interface LogBookDeps {
  readonly desk: Pick<LogDesk, 'append'>;
  readonly flow: (flowId: string) => Flow | undefined;
  readonly regions: () => readonly Region[];
  /** New for each server process. */
  readonly boot: string;
  /** Epoch ms. */
  readonly now: () => number;
  readonly complain: (what: string, detail: Record<string, unknown>) => void;
}

export function createLogBook(deps: LogBookDeps): LogBook {
  const own = new OwnEvents(deps);
  const toLine = (relayId: string, boot: string, event: RelayEvent): LogEvent => {
    const { endpoint, role, ...told } = event;
    const name = nameOf(deps.flow(event.flowId), event, deps.regions());
    return { ...told, relay: relayId, boot, endpointId: endpoint, role: role === 'source' ? 'input' : 'output', name };
  };
  return {
    take: async (relayId, { boot, events }) => {
      if (events.length > 0) await deps.desk.append(events.map((event) => toLine(relayId, boot, event)));
    },
    note: (event) => own.add(event),
    close: () => own.close(),
  };
}

/** What the operator calls it at this time; links between relays have no name but what they do. */
function nameOf(flow: Flow | undefined, { endpoint, role }: RelayEvent, regions: readonly Region[]): string {
  const regionName = (id: string): string => regions.find((region) => region.id === id)?.name ?? id;
  if (endpoint === 'cross') return role === 'source' ? 'Link from the other pipeline' : 'Link to the other pipeline';
  if (endpoint.startsWith('hop:')) return `Link to ${regionName(endpoint.slice('hop:'.length))}`;
  if (endpoint === 'hop') return `Link from ${flow ? regionName(flow.regionId) : 'another region'}`;
  if (endpoint === 'input') return flow?.input.name ?? 'A former input';
  return flow?.outputs.find(({ id }) => id === endpoint)?.name ?? 'A former output';
}

/** Keeps the server's own events in their order, one batch at a time. */
class OwnEvents {
  readonly #deps: LogBookDeps;
  readonly #waiting: LogEvent[] = [];
  #writing = 0;
  #seq = 0;
  #work: Promise<void> | undefined;
  #closed = false;

  constructor(deps: LogBookDeps) {
    this.#deps = deps;
  }

  add({ flow, code, facts, at }: ServerEvent): void {
    const { boot, now } = this.#deps;
    const place = { relay: 'server', boot, seq: this.#seq++, flowId: flow.id, endpointId: 'flow' };
    this.#waiting.push({ ...place, role: 'flow', name: flow.name, code, at: at ?? now(), count: 1, facts });
    if (this.#waiting.length > MOST_WAITING) this.#giveUpOldest();
    this.#work ??= this.#write();
  }

  async close(): Promise<void> {
    if (this.#work) await Promise.race([this.#work, sleep(CLOSE_MS, undefined, { ref: false })]);
    this.#closed = true;
    if (this.#waiting.length > 0) this.#deps.complain('log events not kept', { count: this.#waiting.length });
  }

  /** Never what is being written. */
  #giveUpOldest(): void {
    const [event] = this.#waiting.splice(this.#writing, 1);
    this.#deps.complain('log event given up', { code: event?.code, flowId: event?.flowId });
  }

  async #write(): Promise<void> {
    let waitMs = FIRST_RETRY_MS;
    while (this.#waiting.length > 0 && !this.#closed) {
      const batch = this.#waiting.slice(0, BATCH);
      this.#writing = batch.length;
      try {
        await this.#deps.desk.append(batch);
        this.#waiting.splice(0, batch.length);
        waitMs = FIRST_RETRY_MS;
      } catch (error) {
        this.#deps.complain('log not written, trying again', {
          reason: error instanceof Error ? error.message : String(error),
        });
        await sleep(waitMs, undefined, { ref: false });
        waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS);
      } finally {
        this.#writing = 0;
      }
    }
    this.#work = undefined;
  }
}
