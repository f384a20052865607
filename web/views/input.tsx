/** The Input tab: what was configured, where to push, and what arrives. */
import { inputAddress, keyPlace, pushCommands } from './commands.ts';
import { Fact } from './fact.tsx';
import { Copyable } from './layout.tsx';
import { LiveEnd } from './live-end.tsx';
import { bothPipelines, type FlowPage } from './props.ts';
import { inputEnd, statusOf } from './status.ts';
import { msText } from './units.ts';
import { words } from './words.ts';
import type { Pipeline } from '../../relay/contract/settings.ts';

export const InputPanel = ({ page }: { page: FlowPage }) => (
  <div id="panel-input" class="panel">
    <div class="pair">
      {bothPipelines.map((pipeline) => (
        <PipelineCard page={page} pipeline={pipeline} />
      ))}
    </div>
    <InputFacts page={page} />
  </div>
);

const PipelineCard = ({ page, pipeline }: { page: FlowPage; pipeline: Pipeline }) => (
  <section class="card" aria-labelledby={`input-${pipeline}-title`}>
    <h2 id={`input-${pipeline}-title`}>{words.pipelines[pipeline]} input</h2>
    <p class="address">
      <Copyable
        id={`input-${pipeline}-address`}
        text={inputAddress(page.publicHost, page.flow.input.ports[pipeline])}
        label={`${pipeline} input address`}
      />
    </p>
    <LiveInput page={page} pipeline={pipeline} />
    <Commands page={page} pipeline={pipeline} />
  </section>
);

/** What one pipeline of the input does now. */
export const LiveInput = ({ page, pipeline }: { page: FlowPage; pipeline: Pipeline }) => (
  <LiveEnd id={`live-input-${pipeline}`} status={statusOf(page, inputEnd(pipeline))} cap={page.flow.maxBitrate} />
);

const Commands = ({ page, pipeline }: { page: FlowPage; pipeline: Pipeline }) => (
  <details id={`push-${pipeline}`}>
    <summary>Commands to push with</summary>
    {page.flow.input.encryption && (
      <p class="hint">
        Put your key in the place of <code>{keyPlace}</code>; write characters such as &amp; or % as in a URL.
      </p>
    )}
    {pushCommands(page.flow.input, pipeline, page.publicHost).map((command) => (
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
        <Fact name="Latency">{msText(input.latencyMs)}</Fact>
        <Fact name="Decryption">{input.encryption ? `On, key of ${input.encryption.keyLength} bits` : 'Off'}</Fact>
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
