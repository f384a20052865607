/**
 * The flow as a picture: input, pipeline, regions, outputs, with the state of each end and the bit rate on each way between.
 * It is made of lists, so that who hears it is told the same in the same order as who sees it.
 */
import type { Output } from '../../db/model.ts';
import type { EndpointStatus } from '../../relay/contract/messages.ts';
import type { Pipeline } from '../../relay/contract/settings.ts';
import type { Child } from 'hono/jsx';
import { destinationText } from './destination.ts';
import { t } from './language.ts';
import { Mark, Pill } from './live-end.tsx';
import { bothPipelines, type FlowPage, type FlowView, regionName, tabUrl } from './props.ts';
import { inputEnd, liveInputOf, outputStatus, type Status, statusOf, type Tone } from './status.ts';
import { bitrateText } from './units.ts';
import { words } from './words.ts';

export const Diagram = ({ page }: { page: FlowPage }) => (
  <div class="diagram">
    <Lane page={page} pipeline="primary" />
    {page.flow.input.failover && <Crossing page={page} />}
    <Lane page={page} pipeline="backup" />
  </div>
);

interface LaneProps {
  readonly page: FlowPage;
  readonly pipeline: Pipeline;
}

const laneNames = { primary: 'Primary pipeline', backup: 'Backup pipeline' } as const satisfies Record<
  Pipeline,
  string
>;

/** One pipeline from its input to its outputs: by region, the flow's own first. */
const Lane = ({ page, pipeline }: LaneProps) => {
  const { flow } = page;
  const status = statusOf(page, inputEnd(flow, pipeline));
  const outputs = flow.outputs.filter(({ destinations }) => destinations[pipeline]);
  const own = outputs.filter(({ regionId }) => regionId === flow.regionId);
  const beyond = [...new Set(outputs.map(({ regionId }) => regionId))].filter((id) => id !== flow.regionId);
  return (
    <section class="lane" aria-label={t(laneNames[pipeline])}>
      <Node href={`${tabUrl(flow.id, 'input')}#live-input-${pipeline}`} kind={inputKind(page)} name={flow.input.name}>
        <Pill tone={status.tone} word={t(status.word)} />
      </Node>
      <Wire status={status} />
      <Node kind={t(laneNames[pipeline])} name={regionName(page.regions, flow.regionId)}>
        {liveInputOf(page, pipeline) && <Mark word={feedText(liveInputOf(page, pipeline) ?? pipeline)} />}
      </Node>
      <ul class="branches">
        {own.length > 0 && (
          <li class="branch">
            <Outputs page={page} pipeline={pipeline} outputs={own} />
          </li>
        )}
        {beyond.map((regionId) => (
          <li class="branch far">
            <Wire status={linkStatus(page, pipeline, `hop:${regionId}`)} />
            <Node kind={t('Region')} name={regionName(page.regions, regionId)} />
            <Outputs page={page} pipeline={pipeline} outputs={outputs.filter((it) => it.regionId === regionId)} />
          </li>
        ))}
        {outputs.length === 0 && (
          <li class="branch">
            <p class="empty">{t('No output on this pipeline.')}</p>
          </li>
        )}
      </ul>
    </section>
  );
};

const inputKind = ({ flow }: FlowView): string =>
  t('{protocol} input', { protocol: words.protocols[flow.input.protocol] });

/** With failover: which input the outputs of a pipeline get. */
const feedText = (live: Pipeline): string => t(live === 'primary' ? 'Primary input on air' : 'Backup input on air');

interface OutputsProps extends LaneProps {
  readonly outputs: readonly Output[];
}

const Outputs = ({ page, pipeline, outputs }: OutputsProps) => (
  <ul class="outs">
    {outputs.map((output) => {
      const status = outputStatus(page, output, pipeline);
      return (
        <li>
          <Wire status={status} />
          <Node
            href={`${tabUrl(page.flow.id, 'output')}#live-${output.id}-${pipeline}`}
            kind={t('{protocol} output', { protocol: words.protocols[output.protocol] })}
            name={output.name}
            title={destinationText(output, pipeline)}
          >
            <Pill tone={status.tone} word={t(status.word)} />
          </Node>
        </li>
      );
    })}
  </ul>
);

interface NodeProps {
  /** The tab that has the details. */
  readonly href?: string;
  readonly kind: string;
  readonly name: string;
  readonly title?: string;
  readonly children?: Child;
}

const Node = ({ href, kind, name, title, children }: NodeProps) => (
  <div class="node" title={title}>
    <span class="kind">{kind}</span>
    {href ? (
      <a class="name" href={href}>
        {name}
      </a>
    ) : (
      <span class="name">{name}</span>
    )}
    {children}
  </div>
);

interface Way {
  readonly tone: Tone;
  readonly endpoint?: EndpointStatus;
}

/** The way from one to the next. Whole where media moves, dashed where it waits, cut where it is broken; and said. */
const Wire = ({ status: { tone, endpoint } }: { status: Way | Status }) => {
  const moves = tone === 'ok' && endpoint?.state === 'connected';
  return (
    <div class={`wire ${tone}`}>
      <span class="rate">{moves ? bitrateText(endpoint.bitrate) : <span class="sr">{t(still[tone])}</span>}</span>
    </div>
  );
};

const still: Readonly<Record<Tone, string>> = {
  ok: 'No media moves.',
  wait: 'No media moves yet.',
  bad: 'No media moves: broken.',
  idle: 'Not running.',
  unknown: 'Not known.',
};

/** Both ways of failover: each pipeline gives its input to the other. */
const Crossing = ({ page }: { page: FlowPage }) => (
  <ul class="crossing" aria-label={t('Failover')}>
    {bothPipelines.map((pipeline) => {
      const { tone, endpoint } = linkStatus(page, pipeline, 'cross');
      return (
        <li class={`cross ${pipeline} ${tone}`}>
          <span aria-hidden="true">{pipeline === 'primary' ? '↓' : '↑'}</span> {t(crossNames[pipeline])}{' '}
          <span class="rate">{tone === 'ok' && endpoint ? bitrateText(endpoint.bitrate) : t(still[tone])}</span>
        </li>
      );
    })}
  </ul>
);

const crossNames = { primary: 'Failover: primary to backup', backup: 'Failover: backup to primary' } as const;

/** A link between two relays, by the end that sends: the other end has the same id for all regions. */
function linkStatus(view: FlowView, pipeline: Pipeline, id: string): Way {
  if (view.state === 'idle' || view.state === 'stopping') return { tone: 'idle' };
  const endpoint = view.endpoints.find((it) => it.role === 'sink' && it.id === id && it.pipeline === pipeline);
  if (!endpoint) return { tone: view.state === 'starting' && !view.relayLost ? 'wait' : 'unknown' };
  if (endpoint.condition === 'flowing') return { tone: 'ok', endpoint };
  const isBroken = ['backing-off', 'unacknowledged'].includes(endpoint.condition);
  return { tone: isBroken ? 'bad' : 'wait', endpoint };
}
