/** "Push here": the address of one pipeline for whatever may push to it, in lines to run, fields to fill in, and a QR code. */
import type { Input } from '../../db/model.ts';
import type { Pipeline } from '../../relay/contract/settings.ts';
import { keyPlace, pushCommands, streamIdPlace, streamKeyPlace } from './commands.ts';
import { type EncoderGuide, encoderGuides } from './encoders.ts';
import { t } from './language.ts';
import { Copyable } from './layout.tsx';
import type { FlowPage } from './props.ts';
import { QrCode } from './qr-code.tsx';
import { inputEnd, statusOf } from './status.ts';

export interface PushHereProps {
  readonly page: FlowPage;
  readonly pipeline: Pipeline;
}

/** Open while a newcomer needs it: on the primary, until its stream is here. */
export const PushHere = ({ page, pipeline }: PushHereProps) => {
  const { input } = page.flow;
  const address = page.addresses[pipeline];
  const isHere = statusOf(page, inputEnd(page.flow, pipeline)).tone === 'ok';
  return (
    <details class="push-here" id={`push-${pipeline}`} open={pipeline === 'primary' && !isHere}>
      <summary>
        {t('Push here')}
        <span class="sr"> {t(pipeline === 'primary' ? 'to the primary input' : 'to the backup input')}</span>
      </summary>
      <p class="hint">
        {t('Take the part of your encoder. Lines push the file clip.ts: put your own source in its place.')}
      </p>
      <KeyHint input={input} />
      {pushCommands(input, address).map(({ program, line }) => (
        <details class="encoder" id={`push-${pipeline}-${slug(program)}-part`}>
          <summary>{program}</summary>
          <div class="command">
            <Copyable id={`push-${pipeline}-${slug(program)}`} text={line} label={`${program}, ${t(pipeline)}`} />
          </div>
        </details>
      ))}
      {encoderGuides(input, address).map((guide) => (
        <Guide guide={guide} id={`push-${pipeline}-${slug(guide.program)}`} />
      ))}
      <details class="encoder" id={`push-${pipeline}-qr`}>
        <summary>{t('QR code of the address')}</summary>
        <QrCode text={address} label={`${t('QR code of the address')}: ${address}`} />
        <p class="hint">{t('For a phone or an encoder with a camera. There is no key in it.')}</p>
      </details>
    </details>
  );
};

const Guide = ({ guide, id }: { guide: EncoderGuide; id: string }) => (
  <details class="encoder" id={`${id}-part`}>
    <summary>{guide.program}</summary>
    <p class="hint">{guide.where}</p>
    {guide.settings.length > 0 && (
      <dl class="settings">
        {guide.settings.map(({ name, value, isCopied }, index) => (
          <div>
            <dt>{name}</dt>
            <dd>
              {isCopied ? <Copyable id={`${id}-${index}`} text={value} label={`${guide.program}: ${name}`} /> : value}
            </dd>
          </div>
        ))}
      </dl>
    )}
  </details>
);

/** What the reader must put in, since no secret is ever in a line. */
const KeyHint = ({ input }: { input: Input }) => {
  if (input.protocol === 'rtmp')
    return (
      <p class="hint">{t('In these lines put the stream key in the place of {place}.', { place: streamKeyPlace })}</p>
    );
  if (input.protocol === 'rtp') return null;
  return (
    <>
      {input.encryption && (
        <p class="hint">
          {t('Put your key in the place of {place}; write characters such as & or % as in a URL.', { place: keyPlace })}
        </p>
      )}
      {input.streamId !== undefined && (
        <p class="hint">
          {t('Put the stream ID in the place of {place}: ffmpeg takes it as it is.', { place: streamIdPlace })}
        </p>
      )}
    </>
  );
};

/** For ids: letters and hyphens. Only one program's name is translated, and may have no such letters. */
const slug = (program: string): string =>
  program
    .toLowerCase()
    .replace(/[^a-z]+/g, '-')
    .replace(/^-|-$/g, '') || 'hardware-encoder';
