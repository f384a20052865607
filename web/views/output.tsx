/** The Output tab: every output of the flow, where it sends and whether that arrives. */
import type { Child } from 'hono/jsx';
import type { Output } from '../../db/model.ts';
import type { Pipeline } from '../../relay/contract/settings.ts';
import { dialogLink } from './confirm.tsx';
import { destinationText } from './destination.ts';
import { Fact } from './fact.tsx';
import { Icon } from './icon.tsx';
import { t } from './language.ts';
import { Copyable, Notice } from './layout.tsx';
import { LiveEnd } from './live-end.tsx';
import { bothPipelines, type FlowPage, regionName, tabUrl } from './props.ts';
import { outputStatus } from './status.ts';
import { msText } from './units.ts';
import { pipelineName, words } from './words.ts';

export const OutputPanel = ({ page }: { page: FlowPage }) => {
  const locked = page.state !== 'idle';
  const { outputs } = page.flow;
  return (
    <div id="panel-output" class="panel">
      <div class="card-head">
        <h2>{t('Outputs')}</h2>
        <ActionLink id="create-output" href={`${tabUrl(page.flow.id, 'output')}/new`} locked={locked} primary>
          <Icon name="plus" />
          {t('Create output')}
        </ActionLink>
      </div>
      {locked && (
        <Notice tone="info" id="output-lock">
          {t('Outputs are locked while the flow runs. Stop the flow to create, edit or delete one.')}
        </Notice>
      )}
      {outputs.length === 0 && (
        <p class="empty card">
          {t('This flow has no output, so it cannot be started. Create one to say where the stream goes.')}
        </p>
      )}
      {outputs.map((output) => (
        <OutputCard page={page} output={output} locked={locked} />
      ))}
    </div>
  );
};

const OutputCard = ({ page, output, locked }: { page: FlowPage; output: Output; locked: boolean }) => {
  const base = `${tabUrl(page.flow.id, 'output')}/${output.id}`;
  return (
    <section class="card output" aria-labelledby={`output-${output.id}-title`}>
      <div class="card-head">
        <div>
          <h3 id={`output-${output.id}-title`}>{output.name}</h3>
          {output.description && <p class="meta">{output.description}</p>}
        </div>
        <div class="actions">
          <ActionLink id={`edit-${output.id}`} href={`${base}/edit`} locked={locked} name={output.name}>
            {t('Edit')}
          </ActionLink>
          <ActionLink id={`delete-${output.id}`} href={`${base}/delete`} locked={locked} name={output.name} asks>
            {t('Delete')}
          </ActionLink>
          {locked && (
            <p class="locked">
              <Icon name="lock" />
              {t('Locked while the flow runs. Stop it to edit or delete this output.')}
            </p>
          )}
        </div>
      </div>
      <dl class="facts">
        <Fact name={t('Output ID')}>
          <Copyable id={`output-${output.id}-id`} text={output.id} label={t('ID of {name}', { name: output.name })} />
        </Fact>
        <Fact name={t('Region')}>{regionName(page.regions, output.regionId)}</Fact>
        <Fact name={t('Protocol')}>{words.protocols[output.protocol]}</Fact>
        <LinkFacts output={output} />
      </dl>
      <div class="pair">
        {bothPipelines.map((pipeline) => (
          <DestinationView page={page} output={output} pipeline={pipeline} />
        ))}
      </div>
    </section>
  );
};

const LinkFacts = ({ output }: { output: Output }) => {
  switch (output.protocol) {
    case 'srt':
      return (
        <>
          <Fact name={t('Latency')}>{msText(output.latencyMs)}</Fact>
          <Fact name={t('Encryption')}>
            {output.encryption ? t('On, key of {bits} bits', { bits: output.encryption.keyLength }) : t('Off')}
          </Fact>
          {output.streamId !== undefined && <Fact name={t('Stream ID')}>{t('Set, and shown to nobody')}</Fact>}
        </>
      );
    case 'rtmp':
      return <Fact name={t('Stream key')}>{t('Set, and shown to nobody')}</Fact>;
    case 'rtp':
      return (
        <>
          <Fact name={t('Format')}>{output.bareTs ? t('Bare TS over UDP') : t('TS in RTP')}</Fact>
          <Fact name={t('Multicast TTL')}>{output.ttl}</Fact>
        </>
      );
  }
};

interface EndProps {
  readonly page: FlowPage;
  readonly output: Output;
  readonly pipeline: Pipeline;
}

const DestinationView = ({ page, output, pipeline }: EndProps) => {
  const destination = destinationText(output, pipeline);
  return (
    <div class="destination">
      <h4>{t('{pipeline} destination', { pipeline: pipelineName(pipeline) })}</h4>
      {destination && (
        <p class="address">
          <code>{destination}</code>
        </p>
      )}
      <LiveOutput page={page} output={output} pipeline={pipeline} />
    </div>
  );
};

/** What one destination of an output does now. */
export const LiveOutput = ({ page, output, pipeline }: EndProps) => (
  <LiveEnd
    id={`live-${output.id}-${pipeline}`}
    page={page}
    end={{ id: output.id, pipeline }}
    status={outputStatus(page, output, pipeline)}
    protocol={output.protocol}
  />
);

interface ActionLinkProps {
  readonly id: string;
  readonly href: string;
  readonly locked: boolean;
  /** What the action is done to, for a reader who hears the button alone. */
  readonly name?: string;
  readonly primary?: boolean;
  /** The page behind it asks for confirmation, so it may open as a dialog. */
  readonly asks?: boolean;
  readonly children?: Child;
}

/** A link, or while locked a button that cannot be pressed and is explained by the notice above. */
const ActionLink = ({ id, href, locked, name, primary, asks, children }: ActionLinkProps) => {
  const look = primary ? 'button primary' : 'button small';
  const suffix = name ? <span class="sr"> {name}</span> : null;
  return locked ? (
    <button type="button" id={id} class={look} disabled aria-describedby="output-lock">
      {children}
      {suffix}
    </button>
  ) : (
    <a id={id} class={look} href={href} {...(asks ? dialogLink(href) : {})}>
      {children}
      {suffix}
    </a>
  );
};
