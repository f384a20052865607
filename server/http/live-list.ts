/**
 * Keeps open lists true. A page says which flows it shows, and of each what it has seen; it is sent what differs, and
 * nothing of the others. Rows never move by themselves: where another order is due, the page is told so.
 */
import type { Flows } from '../flows.ts';
import type { LiveFlow, Monitor } from '../monitor.ts';
import type { Page } from './live-feed.ts';
import { lookOf } from './live-paths.ts';

/** What a list of one question holds now. */
export interface Selected {
  /** Of the page that is asked for, in order. */
  readonly ids: readonly string[];
  /** Where this very list is. */
  readonly url: string;
  /** Markup: how many flows are in each state. */
  readonly counts: string;
}

/** How a page differs from what it would show now. */
export interface ListNews {
  readonly added: number;
  readonly left: number;
  readonly moved: boolean;
}

/** Makes the fragments; each returns markup. */
export interface ListRenderer {
  /** `search`: the part of the list's URL behind the question mark. */
  select(flows: readonly LiveFlow[], search: string): Selected;
  strip(live: LiveFlow): string;
  /** What is measured of a flow. */
  rate(live: LiveFlow): string;
  goneStrip(flowId: string, name: string): string;
  news(news: ListNews | undefined, url: string): string;
  /** What is made within is in that language. */
  speak(language: string, make: () => string): string;
}

/** What a page says that it shows: the question, and the flows in order with what it has seen of each. */
export interface Shown {
  readonly search: string;
  readonly flows: readonly { readonly id: string; readonly seen: string }[];
}

export interface LiveListDeps {
  readonly flows: Flows;
  readonly monitor: Monitor;
  readonly renderer: ListRenderer;
  /** Hears of what went wrong while nobody was waiting for an answer: a bug. */
  readonly onError: (error: unknown) => void;
}

/** The shortest time between two looks at what lists hold. */
const LOOK_MS = 1000;
/** More rows than a page of the list has are nobody's. */
const MOST_ROWS = 200;

/** An open list. */
interface Open {
  readonly search: string;
  readonly rows: Map<string, Row>;
  counts: string;
  news: string;
}

interface Row {
  seen: string;
  /** As it was when it was last there. */
  name: string;
  rate: string;
}

/** `show-list <search>`, and a line for each flow: its id, a blank, and what was seen of it. Undefined: it says something else. */
export function readShown(said: string): Shown | undefined {
  const [head = '', ...lines] = said.split('\n');
  const [, search] = /^show-list (.*)$/.exec(head) ?? [];
  if (search === undefined) return undefined;
  const flows = lines.slice(0, MOST_ROWS).map((line) => {
    const [id = '', seen = ''] = line.split(' ');
    return { id, seen };
  });
  return { search, flows };
}

export class LiveList {
  readonly #deps: LiveListDeps;
  readonly #pages = new Map<Page, Open>();
  readonly #unsubscribe: () => void;
  #timer?: ReturnType<typeof setTimeout>;

  constructor(deps: LiveListDeps) {
    this.#deps = deps;
    this.#unsubscribe = deps.monitor.subscribe((flowIds) => {
      if (this.#pages.size === 0) return;
      this.#keep(this.#pushStrips(flowIds));
      this.#lookSoon();
    });
  }

  /** From now on the page shows this; it is sent at once what it has missed. */
  show(page: Page, { search, flows }: Shown): void {
    const rows = flows.map(({ id, seen }): [string, Row] => [id, { seen, name: '', rate: '' }]);
    this.#pages.set(page, { search, rows: new Map(rows), counts: '', news: '' });
    this.#keep(this.#catchUp(page));
  }

  remove(page: Page): void {
    this.#pages.delete(page);
  }

  /** Every few seconds: sends what is measured, and looks at what changes without a word from a relay. */
  refresh(): void {
    if (this.#pages.size === 0) return;
    this.#keep(this.#pushStrips());
    this.#keep(this.#pushRates());
    this.#lookSoon();
  }

  close(): void {
    this.#unsubscribe();
    clearTimeout(this.#timer);
    this.#pages.clear();
  }

  async #catchUp(page: Page): Promise<void> {
    await this.#pushStrips();
    await this.#look(page);
  }

  /** The strips that changed, of these flows or of all, in one message to each page. */
  async #pushStrips(among?: ReadonlySet<string>): Promise<void> {
    const flows = await this.#shown(among);
    const strips = this.#once((flowId) => {
      const live = flows.get(flowId);
      return live ? this.#deps.renderer.strip(live) : '';
    });
    const looks = new Map<string, string>();
    for (const [page, { rows }] of this.#pages) {
      let markup = '';
      for (const [flowId, row] of rows) {
        if (among && !among.has(flowId)) continue;
        const live = flows.get(flowId);
        const look = looks.get(flowId) ?? (live ? lookOf(live) : 'gone');
        looks.set(flowId, look);
        if (live) row.name = live.flow.name;
        if (row.seen === look) continue;
        row.seen = look;
        markup += live ? strips(page.language, flowId) : this.#gone(page.language, flowId, row.name);
      }
      if (markup) page.send(markup);
    }
  }

  #gone(language: string, flowId: string, name: string): string {
    const { renderer } = this.#deps;
    return renderer.speak(language, () => renderer.goneStrip(flowId, name));
  }

  async #pushRates(): Promise<void> {
    const flows = await this.#shown();
    const rates = this.#once((flowId) => {
      const live = flows.get(flowId);
      return live ? this.#deps.renderer.rate(live) : '';
    });
    for (const [page, { rows }] of this.#pages) {
      let markup = '';
      for (const [flowId, row] of rows) {
        const rate = rates(page.language, flowId);
        if (rate !== row.rate) markup += rate;
        row.rate = rate;
      }
      if (markup) page.send(markup);
    }
  }

  #lookSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#keep(this.#look(...this.#pages.keys()));
    }, LOOK_MS);
  }

  /** The counts above the lists, and whether they would hold other flows or another order by now. */
  async #look(...pages: readonly Page[]): Promise<void> {
    const { flows, monitor, renderer } = this.#deps;
    const all = (await flows.list()).map((flow) => monitor.live(flow));
    const selections = new Map<string, Selected>();
    for (const page of pages) {
      const open = this.#pages.get(page);
      if (!open) continue;
      const selected = selections.get(open.search) ?? renderer.select(all, open.search);
      selections.set(open.search, selected);
      const news = renderer.speak(page.language, () =>
        renderer.news(newsOf([...open.rows.keys()], selected.ids), selected.url),
      );
      const markup = (selected.counts === open.counts ? '' : selected.counts) + (news === open.news ? '' : news);
      open.counts = selected.counts;
      open.news = news;
      if (markup) page.send(markup);
    }
  }

  /** The flows that some list shows, of these or of all. */
  async #shown(among?: ReadonlySet<string>): Promise<ReadonlyMap<string, LiveFlow>> {
    const { flows, monitor } = this.#deps;
    const wanted = new Set([...this.#pages.values()].flatMap(({ rows }) => [...rows.keys()]));
    const found = (await flows.list()).filter(({ id }) => wanted.has(id) && (!among || among.has(id)));
    return new Map(found.map((flow) => [flow.id, monitor.live(flow)]));
  }

  /** Markup of a flow made once for each language in which somebody reads it. */
  #once(make: (flowId: string) => string): (language: string, flowId: string) => string {
    const made = new Map<string, string>();
    return (language, flowId) => {
      const key = `${language} ${flowId}`;
      const markup = made.get(key) ?? this.#deps.renderer.speak(language, () => make(flowId));
      made.set(key, markup);
      return markup;
    };
  }

  #keep(work: Promise<void>): void {
    work.catch(this.#deps.onError);
  }
}

/** Undefined while the page shows what it would show now. */
function newsOf(shown: readonly string[], due: readonly string[]): ListNews | undefined {
  const [here, there] = [new Set(shown), new Set(due)];
  const added = due.filter((id) => !here.has(id)).length;
  const left = shown.filter((id) => !there.has(id)).length;
  const stayed = shown.filter((id) => there.has(id));
  const moved = due.filter((id) => here.has(id)).some((id, index) => stayed[index] !== id);
  return added + left > 0 || moved ? { added, left, moved } : undefined;
}
