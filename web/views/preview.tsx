/** The preview of one input: a button, and the place where pictures and sound levels come when it is pressed. */
import type { Pipeline } from '../../relay/contract/settings.ts';
import { Icon } from './icon.tsx';
import { t } from './language.ts';
import { pipelineWord } from './words.ts';

interface PreviewProps {
  readonly flowId: string;
  readonly pipeline: Pipeline;
}

/** Only a browser that runs scripts can play it: without them there is no button. `hx-preserve`: a fresh page must not cut the pictures. */
export const PreviewBox = ({ flowId, pipeline }: PreviewProps) => {
  const name = pipelineWord(pipeline);
  return (
    <div
      id={`preview-${pipeline}`}
      class="preview"
      data-preview={`/flows/${flowId}/preview`}
      data-pipeline={pipeline}
      hx-preserve
    >
      <button id={`preview-${pipeline}-open`} type="button" class="button small" data-preview-open>
        <Icon name="play" /> {t('Preview')}
        <span class="sr">{t(' the {name} input', { name })}</span>
      </button>
      <Screen pipeline={pipeline} />
      <output class="preview-status" />
    </div>
  );
};

/** Filled by web/client/preview.ts. */
const Screen = ({ pipeline }: { pipeline: Pipeline }) => (
  <div class="screen" data-screen hidden>
    {/* oxlint-disable-next-line jsx-a11y/media-has-caption -- a monitor shows what arrives, which brings no captions */}
    <video playsinline aria-label={t('Preview of the {name} input', { name: pipelineWord(pipeline) })} />
    <div class="meters" data-meters hidden>
      <Meter name={t('Left')} />
      <Meter name={t('Right')} />
    </div>
    <div class="screen-buttons">
      <button type="button" class="button small" data-sound aria-pressed="false">
        {t('Sound')}
      </button>
      <button type="button" class="button small" data-full>
        {t('Full screen')}
      </button>
      <button type="button" class="button small" data-stop>
        {t('Stop preview')}
      </button>
    </div>
  </div>
);

/** A peak meter in dBFS: good up to -18, loud up to -6. */
const Meter = ({ name }: { name: string }) => (
  <div class="meter">
    <span class="meter-name">{name.slice(0, 1)}</span>
    <meter
      aria-label={t('{channel} level in dBFS', { channel: name })}
      min={-60}
      max={0}
      low={-18}
      high={-6}
      optimum={-60}
      value={-60}
    />
    <span class="meter-value" aria-hidden="true" />
  </div>
);
