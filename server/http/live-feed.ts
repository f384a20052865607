/** Which page hears of what, and when: a change of state at once, a measurement at most once a second for each flow. */
import type { LogEvent } from '../../db/history-model.ts';
import type { AlarmDesk } from '../alarms.ts';
import type { Flows } from '../flows.ts';
import type { LiveFlow, Monitor } from '../monitor.ts';
import type { RecentLog } from '../recent-log.ts';
import { Refusal } from '../refusal.ts';
import { shapeOf } from './live-paths.ts';

type Lines = readonly LogEvent[] | undefined;

/** Makes the fragments; each returns markup. */
export interface LiveRenderer {
  /** What is measured of a flow, and what follows from that and from its newest lines. */
  measured(live: LiveFlow, events: Lines): string;
  /** The newest lines of its log; undefined where they cannot be read. */
  events(live: LiveFlow, events: Lines): string;
  /** All of a flow's page. */
  whole(live: LiveFlow, events: Lines): string;
  /** The alarms that fire, and how many there are. */
  alarms(): string;
  alarmCount(): string;
  gone(): string;
  /** What is made within is in that language. */
  speak(language: string, make: () => string): string;
}

/** The list, which server/http/live-list.ts tends; or one flow, with the shape and events its page last had; or the alarms. */
export type Topic =
  | { readonly kind: 'list' }
  | { readonly kind: 'flow'; readonly flowId: string; seen: string; told?: string }
  | { readonly kind: 'alarms' };

/** An open page. */
export interface Page {
  readonly topic: Topic;
  readonly language: string;
  send(markup: string): void;
}

export interface LiveFeedDeps {
  readonly flows: Flows;
  readonly monitor: Monitor;
  readonly recent: RecentLog;
  readonly alarms: Pick<AlarmDesk, 'subscribe'>;
  readonly renderer: LiveRenderer;
  /** Epoch ms. */
  readonly now: () => number;
  /** Hears of what went wrong while nobody was waiting for an answer: a bug. */
  readonly onError: (error: unknown) => void;
}

/** The shortest time between two pushes of one flow's measurements. */
const MEASURE_INTERVAL_MS = 1000;

interface Pushed {
  at: number;
  state: string;
  timer?: ReturnType<typeof setTimeout>;
}

export class LiveFeed {
  readonly #deps: LiveFeedDeps;
  readonly #pages = new Set<Page>();
  readonly #pushed = new Map<string, Pushed>();
  readonly #unsubscribe: readonly (() => void)[];

  constructor(deps: LiveFeedDeps) {
    this.#deps = deps;
    const pushFlows = (flowIds: ReadonlySet<string>): void => {
      for (const flowId of flowIds) this.#keep(this.#pushFlow(flowId));
    };
    this.#unsubscribe = [
      deps.monitor.subscribe(pushFlows),
      deps.recent.subscribe(pushFlows),
      deps.alarms.subscribe(() => this.#pushAlarms(this.#pages)),
    ];
  }

  get pages(): ReadonlySet<Page> {
    return this.#pages;
  }

  /** Adds a page and sends it what it may have missed since it was made. */
  add(page: Page): void {
    this.#pages.add(page);
    this.#keep(this.#catchUp(page));
  }

  async #catchUp(page: Page): Promise<void> {
    if (page.topic.kind === 'flow') await this.#pushFlow(page.topic.flowId, true);
    this.#pushAlarms([page]);
  }

  remove(page: Page): void {
    this.#pages.delete(page);
  }

  /** Looks at everything that is watched: names and outputs change without a word from a relay. */
  refresh(): void {
    for (const page of this.#pages) if (page.topic.kind === 'flow') this.#keep(this.#pushFlow(page.topic.flowId));
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    for (const pushed of this.#pushed.values()) clearTimeout(pushed.timer);
    this.#pushed.clear();
    this.#pages.clear();
  }

  async #pushFlow(flowId: string, now = false): Promise<void> {
    if (!this.#isOpen(flowId)) return this.#forget(flowId);
    const live = await this.#read(flowId);
    if (!live) return this.#gone(flowId);
    const events = await this.#deps.recent.of(flowId);
    const pushed = this.#pushed.get(flowId) ?? { at: 0, state: '' };
    const state = stateOf(live, newestOf(events));
    const waitMs = pushed.at + MEASURE_INTERVAL_MS - this.#deps.now();
    this.#pushed.set(flowId, pushed);
    if (!now && state === pushed.state && waitMs > 0) {
      pushed.timer ??= setTimeout(() => this.#keep(this.#pushFlow(flowId, true)), waitMs);
      return;
    }
    clearTimeout(pushed.timer);
    this.#pushed.set(flowId, { at: this.#deps.now(), state });
    this.#sendFlow(live, events);
  }

  #sendFlow(live: LiveFlow, lines: Lines): void {
    const { renderer } = this.#deps;
    const shape = shapeOf(live);
    const measured = onceEach(renderer, () => renderer.measured(live, lines));
    const events = onceEach(renderer, () => renderer.events(live, lines));
    const newest = newestOf(lines);
    const whole = onceEach(renderer, () => renderer.whole(live, lines));
    for (const page of this.#pages) {
      const { topic, language } = page;
      if (topic.kind !== 'flow' || topic.flowId !== live.flow.id) continue;
      const isWhole = topic.seen !== shape;
      page.send(isWhole ? whole(language) : measured(language));
      if (!isWhole && topic.told !== newest) page.send(events(language));
      topic.seen = shape;
      topic.told = newest;
    }
  }

  #pushAlarms(pages: Iterable<Page>): void {
    const { renderer } = this.#deps;
    const count = onceEach(renderer, () => renderer.alarmCount());
    const alarms = onceEach(renderer, () => renderer.alarms());
    for (const page of pages) {
      page.send(count(page.language));
      if (page.topic.kind === 'alarms') page.send(alarms(page.language));
    }
  }

  #gone(flowId: string): void {
    const { renderer } = this.#deps;
    this.#forget(flowId);
    for (const page of this.#pages) {
      if (page.topic.kind !== 'flow' || page.topic.flowId !== flowId) continue;
      page.send(renderer.speak(page.language, () => renderer.gone()));
      this.#pages.delete(page);
    }
  }

  async #read(flowId: string): Promise<LiveFlow | undefined> {
    try {
      return this.#deps.monitor.live(await this.#deps.flows.get(flowId));
    } catch (error) {
      if (error instanceof Refusal && error.kind === 'missing') return undefined;
      throw error;
    }
  }

  #isOpen(flowId: string): boolean {
    return [...this.#pages].some(({ topic }) => topic.kind === 'flow' && topic.flowId === flowId);
  }

  #forget(flowId: string): void {
    clearTimeout(this.#pushed.get(flowId)?.timer);
    this.#pushed.delete(flowId);
  }

  #keep(work: Promise<void>): void {
    work.catch(this.#deps.onError);
  }
}

/** Changes with each line, wherever in the list it comes: an older one may arrive late. */
const newestOf = (events: Lines): string =>
  events === undefined ? 'unread' : events.map(({ relay, boot, seq }) => `${relay} ${boot} ${seq}`).join();

/** What must be told at once when it changes; measurements are not in it. */
const stateOf = (live: LiveFlow, newestEvents: string): string =>
  JSON.stringify([
    shapeOf(live),
    live.relayLost,
    live.alarms?.map(({ id, acknowledgedAt }) => [id, acknowledgedAt]),
    newestEvents,
    live.endpoints.map((it) => [
      it.pipeline,
      it.id,
      it.state,
      it.condition,
      it.over,
      it.live,
      it.retryAt,
      it.incident?.at,
    ]),
  ]);

/** Markup made once for each language in which somebody reads it. */
function onceEach(renderer: LiveRenderer, make: () => string): (language: string) => string {
  const made = new Map<string, string>();
  return (language) => {
    const markup = made.get(language) ?? renderer.speak(language, make);
    made.set(language, markup);
    return markup;
  };
}
