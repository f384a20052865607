/** All flows at a glance: one strip each, read like the signal, from the input to its outputs. */
import type { Output, Region, WaitingFlow } from '../../db/model.ts';
import { FlowAlarms } from './alarms.tsx';
import { Icon } from './icon.tsx';
import { Glance, Pill } from './live-end.tsx';
import { bothPipelines, type FlowView, regionName, tabUrl } from './props.ts';
import { inputEnd, liveInputOf, outputStatus, statusOf, type Verdict, verdictOf } from './status.ts';
import { bandwidthText } from './units.ts';
import { WaitingFlows } from './waiting-flows.tsx';
import { words } from './words.ts';

export interface FlowListProps {
  readonly flows: readonly FlowView[];
  readonly regions: readonly Region[];
  /** Those that have no input yet. */
  readonly waiting?: readonly WaitingFlow[];
  /** The region that the list is narrowed to; none for all. */
  readonly regionId?: string;
}

export const FlowListPage = (props: FlowListProps) => (
  <>
    <div class="head">
      <h1>Flows</h1>
      <div class="actions">
        {props.flows.length > 0 && (
          <a class="button" id="export-flows" href="/flows/export">
            Export
          </a>
        )}
        <a class="button" id="import-flows" href="/flows/import">
          Import
        </a>
        <a class="button primary" id="create-flow" href={newFlowUrl(props.regionId)}>
          <Icon name="plus" />
          Create flow
        </a>
      </div>
    </div>
    <FlowList {...props} />
    <WaitingFlows flows={props.waiting ?? []} regions={props.regions} />
  </>
);

/** What changes when a flow comes or goes: the counts, the choice of region and the strips. */
export const FlowList = (props: FlowListProps) => {
  const shown = props.flows.filter((view) => !props.regionId || view.flow.regionId === props.regionId);
  return (
    <div id="flow-list">
      {props.flows.length === 0 ? (
        <FirstSteps />
      ) : (
        <>
          <RegionChoice {...props} />
          <Summary flows={shown} />
          {shown.length === 0 && <p class="empty">No flow starts in this region yet.</p>}
          <ul class="strips">
            {shown.map((view) => (
              <Strip view={view} regions={props.regions} />
            ))}
          </ul>
        </>
      )}
    </div>
  );
};

/** One flow in the list. */
export const Strip = ({ view, regions }: { view: FlowView; regions: readonly Region[] }) => {
  const { flow } = view;
  const verdict = verdictOf(view);
  return (
    <li id={`flow-${flow.id}`} class={`strip ${verdict.tone}`}>
      <div class="who">
        <h2>
          <a href={tabUrl(flow.id, 'information')}>{flow.name}</a>
        </h2>
        <p class="meta">
          {regionName(regions, flow.regionId)} · max. {bandwidthText(flow.maxBitrate)}
        </p>
        <p class="verdict">
          <Pill tone={verdict.tone} word={words.flowStates[view.state]} />
          <span>{verdict.sentence}</span>
        </p>
        <FlowAlarms alarms={view.alarms} />
      </div>
      <SignalPath view={view} />
    </li>
  );
};

/** Input and outputs of a flow with the state of each end. */
export const SignalPath = ({ view }: { view: FlowView }) => (
  <div class="signal">
    <div class="ends">
      <h3>
        {words.protocols[view.flow.input.protocol]} input <span>{view.flow.input.name}</span>
      </h3>
      {bothPipelines.map((pipeline) => (
        <Glance
          label={words.pipelines[pipeline]}
          status={statusOf(view, inputEnd(view.flow, pipeline))}
          mark={liveInputOf(view, pipeline) === pipeline ? words.onAir : undefined}
        />
      ))}
    </div>
    <Icon name="arrow" />
    <div class="fan">
      {view.flow.outputs.length === 0 && (
        <p class="empty">
          No output yet. <a href={`${tabUrl(view.flow.id, 'output')}/new`}>Create output</a>
        </p>
      )}
      {view.flow.outputs.map((output) => (
        <OutputEnds view={view} output={output} />
      ))}
    </div>
  </div>
);

const OutputEnds = ({ view, output }: { view: FlowView; output: Output }) => (
  <div class="ends">
    <h3>
      {words.protocols[output.protocol]} output <span>{output.name}</span>
    </h3>
    {bothPipelines.map((pipeline) => (
      <Glance label={words.pipelines[pipeline]} status={outputStatus(view, output, pipeline)} />
    ))}
  </div>
);

/** How many flows need a look, above the list. It changes with every strip. */
export const Summary = ({ flows }: { flows: readonly FlowView[] }) => {
  const verdicts = flows.map((view) => ({ verdict: verdictOf(view), idle: view.state === 'idle' }));
  const count = (of: (verdict: Verdict) => boolean) => verdicts.filter((it) => !it.idle && of(it.verdict)).length;
  return (
    <ul id="summary" class="summary" aria-label="Flows by state">
      <Count tone="bad" name="need attention" count={count(({ tone }) => tone === 'bad' || tone === 'unknown')} />
      <Count tone="wait" name="waiting or partial" count={count(({ tone }) => tone === 'wait')} />
      <Count tone="ok" name="on air" count={count(({ tone }) => tone === 'ok')} />
      <Count tone="idle" name="idle" count={verdicts.filter((it) => it.idle).length} />
    </ul>
  );
};

const Count = ({ tone, name, count }: { tone: string; name: string; count: number }) => (
  <li class={count > 0 ? tone : 'zero'}>
    <strong>{count}</strong> {name}
  </li>
);

const RegionChoice = ({ flows, regions, regionId }: FlowListProps) => (
  <nav class="chips" aria-label="Region">
    <Chip href="/" name="All regions" count={flows.length} current={!regionId} />
    {regions.map((region) => (
      <Chip
        href={`/?region=${encodeURIComponent(region.id)}`}
        name={region.name}
        count={flows.filter((view) => view.flow.regionId === region.id).length}
        current={region.id === regionId}
      />
    ))}
  </nav>
);

const Chip = ({ href, name, count, current }: { href: string; name: string; count: number; current: boolean }) => (
  <a class="chip" href={href} aria-current={current ? 'page' : undefined}>
    {name} <span>{count}</span>
  </a>
);

const FirstSteps = () => (
  <section class="first card">
    <h2>Bring your first stream across</h2>
    <ol>
      <li>
        <h3>Create a flow</h3>
        <p>
          Choose the region where your stream comes in. You get a primary and a backup address to push to, by SRT, RTMP
          or RTP.
        </p>
      </li>
      <li>
        <h3>Add an output</h3>
        <p>Say where it goes: one destination for the primary pipeline and, if you like, one for the backup.</p>
      </li>
      <li>
        <h3>Start, then push</h3>
        <p>Press Start and point your encoder at the addresses. Each end shows Connected while media passes.</p>
      </li>
    </ol>
    <a class="button primary" href="/flows/new">
      Create your first flow
    </a>
  </section>
);

const newFlowUrl = (regionId?: string): string =>
  regionId ? `/flows/new?region=${encodeURIComponent(regionId)}` : '/flows/new';
