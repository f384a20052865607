/** What the list may be narrowed to and sorted by: a form that works by itself, and by htmx as it is filled in. */
import type { Region } from '../../db/model.ts';
import { t } from './language.ts';
import { type Counts, type ListQuery, type Sort, sorts, type StateFilter } from './list-query.ts';
import type { Tone } from './status.ts';

export interface ListFilterProps {
  readonly query: ListQuery;
  readonly counts: Counts;
  readonly regions: readonly Region[];
}

/** The choice of a state is the summary: how many flows are in each. */
export const ListFilter = ({ query, counts, regions }: ListFilterProps) => (
  <search>
    <form
      id="list-filter"
      class="filter"
      method="get"
      action="/"
      autocomplete="off"
      aria-label={t('Flows shown')}
      hx-get="/"
      hx-target="#flow-list"
      hx-swap="outerMorph"
      hx-trigger="input delay:250ms, submit"
      hx-sync="this:replace"
    >
      <fieldset class="summary">
        <legend class="sr">{t('State')}</legend>
        <StateChoice name={t('All')} count={counts.all} checked={!query.state} />
        {tiles.map(({ state, tone }) => (
          <StateChoice
            state={state}
            tone={tone}
            name={t(stateNames[state])}
            count={counts[state]}
            checked={query.state === state}
          />
        ))}
      </fieldset>
      <div class="narrowing">
        <label class="wide">
          <span>{t('Search')}</span>
          <input
            type="search"
            id="q"
            name="q"
            value={query.search}
            maxlength={100}
            placeholder={t('Name, id or address')}
          />
        </label>
        <label>
          <span>{t('Region')}</span>
          <select id="filter-region" name="region">
            <option value="">{t('All regions')}</option>
            {regions.map(({ id, name }) => (
              <option value={id} selected={id === query.regionId}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>{t('Sort by')}</span>
          <select id="filter-sort" name="sort">
            {sorts.map((sort) => (
              <option value={sort} selected={sort === query.sort}>
                {t(sortNames[sort])}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" class="button apply">
          {t('Apply')}
        </button>
      </div>
    </form>
  </search>
);

/** Each count has a place of its own, where it is pushed to. */
export const Count = ({ of, count }: { of: keyof Counts; count: number }) => (
  <strong id={`count-${of}`} class={count === 0 ? 'zero' : undefined}>
    {count}
  </strong>
);

/** The filters in the order in which they should worry the reader. */
export const tiles: readonly { readonly state: StateFilter; readonly tone?: Tone }[] = [
  { state: 'running' },
  { state: 'trouble', tone: 'bad' },
  { state: 'partial', tone: 'wait' },
  { state: 'well', tone: 'ok' },
  { state: 'idle', tone: 'idle' },
];

const stateNames: Readonly<Record<StateFilter, string>> = {
  running: 'running',
  trouble: 'need attention',
  partial: 'waiting or partial',
  well: 'on air',
  idle: 'idle',
};

const sortNames: Readonly<Record<Sort, string>> = {
  name: 'Name',
  state: 'State, trouble first',
  region: 'Region',
  bitrate: 'Input bit rate',
  newest: 'Newest first',
};

interface StateChoiceProps {
  /** None for flows in any state. */
  readonly state?: StateFilter;
  readonly tone?: Tone;
  readonly name: string;
  readonly count: number;
  readonly checked: boolean;
}

const StateChoice = ({ state, tone, name, count, checked }: StateChoiceProps) => (
  <label class={tone}>
    <input type="radio" name="state" value={state ?? ''} checked={checked} />
    <Count of={state ?? 'all'} count={count} /> <span>{name}</span>
  </label>
);
