/** The Input tab: what was configured, where to push, and what arrives. */
import type { Input } from '../../db/model.ts';
import type { Pipeline } from '../../relay/contract/settings.ts';
import { keyPlace, pushCommands, streamIdPlace, streamKeyPlace } from './commands.ts';
import { Fact } from './fact.tsx';
import { FailoverCard } from './failover.tsx';
import { Copyable, CopyButton } from './layout.tsx';
import { LiveEnd } from './live-end.tsx';
import { PreviewBox } from './preview.tsx';
import { bothPipelines, type FlowPage } from './props.ts';
import { inputEnd, liveInputOf, statusOf } from './status.ts';
import { msText } from './units.ts';
import { words } from './words.ts';

export const InputPanel = ({ page }: { page: FlowPage }) => (
  <div id="panel-input" class="panel">
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
    <h2 id={`input-${pipeline}-title`}>{words.pipelines[pipeline]} input</h2>
    <PushTo page={page} pipeline={pipeline} />
    <LiveInput page={page} pipeline={pipeline} />
    <PreviewBox flowId={page.flow.id} pipeline={pipeline} />
    <Commands page={page} pipeline={pipeline} />
  </section>
);

/** The address, and for RTMP the key apart, as encoders such as OBS ask for them. */
const PushTo = ({ page, pipeline }: PipelineProps) => {
  const { input } = page.flow;
  return (
    <div class="address">
      {input.protocol === 'rtmp' && <span class="label">Server URL</span>}
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
          Stream key<span class="sr"> of the {pipeline} input</span>
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

const Commands = ({ page, pipeline }: PipelineProps) => (
  <details id={`push-${pipeline}`}>
    <summary>Commands to push with</summary>
    <KeyHint input={page.flow.input} />
    {pushCommands(page.flow.input, page.addresses[pipeline]).map((command) => (
      <div class="command">
        <h3>{command.program}</h3>
        <Copyable
          id={`push-${pipeline}-${command.program}`}
          text={command.line}
          label={`${command.program} command for ${pipeline}`}
        />
      </div>
    ))}
  </details>
);

/** What the reader must put in, and for RTMP where OBS takes the two. */
const KeyHint = ({ input }: { input: Input }) => {
  if (input.protocol === 'rtmp')
    return (
      <p class="hint">
        In OBS: Settings, Stream, Service “Custom…”, then server URL and stream key as above. In these commands put the
        stream key in the place of <code>{streamKeyPlace}</code>.
      </p>
    );
  if (input.protocol === 'rtp') return null;
  return (
    <>
      {input.encryption && (
        <p class="hint">
          Put your key in the place of <code>{keyPlace}</code>; write characters such as &amp; or % as in a URL.
        </p>
      )}
      {input.streamId !== undefined && (
        <p class="hint">
          Put the stream ID in the place of <code>{streamIdPlace}</code>: ffmpeg takes it as it is.
        </p>
      )}
    </>
  );
};

const InputFacts = ({ page }: { page: FlowPage }) => {
  const { input } = page.flow;
  return (
    <section class="card" aria-labelledby="input-title">
      <div class="card-head">
        <h2 id="input-title">Input source</h2>
        <a class="button small" id="edit-input" href={`/flows/${page.flow.id}/input/edit`}>
          Edit
        </a>
      </div>
      <dl class="facts">
        <Fact name="Name">{input.name}</Fact>
        <Fact name="Input ID">
          <Copyable id="input-id" text={input.id} label="input ID" />
        </Fact>
        <Fact name="Protocol">{words.protocols[input.protocol]}</Fact>
        <LinkFacts input={input} />
        <Fact name="Failover">{input.failover ? 'On' : 'Off: the pipelines are independent'}</Fact>
        <Fact name="IP allowlist (CIDR)">
          <ul class="ranges">
            {input.allowlist.map((range) => (
              <li>
                <code>{range}</code>
              </li>
            ))}
          </ul>
        </Fact>
        <Fact name="Description">{input.description || '–'}</Fact>
      </dl>
    </section>
  );
};

const LinkFacts = ({ input }: { input: Input }) => {
  switch (input.protocol) {
    case 'srt':
      return (
        <>
          <Fact name="Latency">{msText(input.latencyMs)}</Fact>
          <Fact name="Decryption">{input.encryption ? `On, key of ${input.encryption.keyLength} bits` : 'Off'}</Fact>
          {input.streamId !== undefined && (
            <Fact name="Stream ID">
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
          <Fact name="Format">{input.bareTs ? 'Bare TS over UDP' : 'TS in RTP'}</Fact>
          {input.idleTimeoutMs !== undefined && <Fact name="Idle timeout">{msText(input.idleTimeoutMs)}</Fact>}
        </>
      );
  }
};
