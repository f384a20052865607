/** The Input tab: what was configured, where to push, and what arrives. */
import type { Input } from '../../db/model.ts';
import type { Pipeline } from '../../relay/contract/settings.ts';
import { Fact } from './fact.tsx';
import { FailoverCard } from './failover.tsx';
import { Copyable, CopyButton } from './layout.tsx';
import { t } from './language.ts';
import { LiveEnd } from './live-end.tsx';
import { PreviewBox } from './preview.tsx';
import { bothPipelines, type FlowPage } from './props.ts';
import { PushHere } from './push-here.tsx';
import { LiveSetup } from './setup.tsx';
import { inputEnd, liveInputOf, statusOf } from './status.ts';
import { msText } from './units.ts';
import { words } from './words.ts';

export const InputPanel = ({ page }: { page: FlowPage }) => (
  <div id="panel-input" class="panel">
    <LiveSetup page={page} />
    <FailoverCard page={page} />
    <div class="pair">
      {bothPipelines.map((pipeline) => (
        <PipelineCard page={page} pipeline={pipeline} />
      ))}
    </div>
    <InputFacts page={page} />
  </div>
);

interface PipelineProps {
  readonly page: FlowPage;
  readonly pipeline: Pipeline;
}

const PipelineCard = ({ page, pipeline }: PipelineProps) => (
  <section class="card" aria-labelledby={`input-${pipeline}-title`}>
    <h2 id={`input-${pipeline}-title`}>{t(pipeline === 'primary' ? 'Primary input' : 'Backup input')}</h2>
    <PushTo page={page} pipeline={pipeline} />
    <LiveInput page={page} pipeline={pipeline} />
    <PreviewBox flowId={page.flow.id} pipeline={pipeline} />
    <PushHere page={page} pipeline={pipeline} />
  </section>
);

/** The address, and for RTMP the key apart, as encoders such as OBS ask for them. */
const PushTo = ({ page, pipeline }: PipelineProps) => {
  const { input } = page.flow;
  return (
    <div class="address">
      {input.protocol === 'rtmp' && <span class="label">{t('Server URL')}</span>}
      <Copyable id={`input-${pipeline}-address`} text={page.addresses[pipeline]} label={`${pipeline} input address`} />
      {input.protocol === 'rtmp' && <StreamKey pipeline={pipeline} streamKey={input.streamKeys[pipeline]} />}
    </div>
  );
};

/** Out of sight until it is asked for, so that it is on no screen share by accident; it may be copied unseen. */
const StreamKey = ({ pipeline, streamKey }: { pipeline: Pipeline; streamKey: string }) => {
  const id = `input-${pipeline}-key`;
  return (
    <div class="secret">
      <details id={`${id}-reveal`}>
        <summary>
          {t('Stream key')}
          <span class="sr"> {t(pipeline === 'primary' ? 'of the primary input' : 'of the backup input')}</span>
        </summary>
        <code id={id}>{streamKey}</code>
      </details>
      <CopyButton of={id} label={`${pipeline} stream key`} />
    </div>
  );
};

/** What one pipeline of the input does now. */
export const LiveInput = ({ page, pipeline }: PipelineProps) => (
  <LiveEnd
    id={`live-input-${pipeline}`}
    page={page}
    end={inputEnd(page.flow, pipeline)}
    status={statusOf(page, inputEnd(page.flow, pipeline))}
    protocol={page.flow.input.protocol}
    mark={liveInputOf(page, pipeline) === pipeline ? words.onAir : undefined}
  />
);

const InputFacts = ({ page }: { page: FlowPage }) => {
  const { input } = page.flow;
  return (
    <section class="card" aria-labelledby="input-title">
      <div class="card-head">
        <h2 id="input-title">{t('Input source')}</h2>
        <a class="button small" id="edit-input" href={`/flows/${page.flow.id}/input/edit`}>
          {t('Edit')}
        </a>
      </div>
      <dl class="facts">
        <Fact name={t('Name')}>{input.name}</Fact>
        <Fact name={t('Input ID')}>
          <Copyable id="input-id" text={input.id} label="input ID" />
        </Fact>
        <Fact name={t('Protocol')}>{words.protocols[input.protocol]}</Fact>
        <LinkFacts input={input} />
        <Fact name={t('Failover')}>{t(input.failover ? 'On' : 'Off: the pipelines are independent')}</Fact>
        <Fact name={t('IP allowlist (CIDR)')}>
          <ul class="ranges">
            {input.allowlist.map((range) => (
              <li>
                <code>{range}</code>
              </li>
            ))}
          </ul>
        </Fact>
        <Fact name={t('Description')}>{input.description || '–'}</Fact>
      </dl>
    </section>
  );
};

const LinkFacts = ({ input }: { input: Input }) => {
  switch (input.protocol) {
    case 'srt':
      return (
        <>
          <Fact name={t('Latency')}>{msText(input.latencyMs)}</Fact>
          <Fact name={t('Decryption')}>
            {input.encryption ? t('On, key of {bits} bits', { bits: input.encryption.keyLength }) : t('Off')}
          </Fact>
          {input.streamId !== undefined && (
            <Fact name={t('Stream ID')}>
              <code>{input.streamId}</code>
            </Fact>
          )}
        </>
      );
    case 'rtmp':
      return null;
    case 'rtp':
      return (
        <>
          <Fact name={t('Format')}>{t(input.bareTs ? 'Bare TS over UDP' : 'TS in RTP')}</Fact>
          {input.idleTimeoutMs !== undefined && <Fact name={t('Idle timeout')}>{msText(input.idleTimeoutMs)}</Fact>}
        </>
      );
  }
};
