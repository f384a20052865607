/** The doctor's sentence, at the end that it is about and on top of the page. */
import { type Diagnosis, diagnose, diagnosisOf, worstOf } from './doctor.ts';
import { Icon } from './icon.tsx';
import { t } from './language.ts';
import { type FlowPage, tabUrl } from './props.ts';
import type { End } from './status.ts';
import { words } from './words.ts';

/** At one end; nothing where nothing is wrong. */
export const DoctorLine = ({ found }: { found: Diagnosis | undefined }) =>
  found ? (
    <p class={`doctor ${found.tone}`}>
      <Icon name="alert" />
      <span>
        {found.sentence}
        <Fix found={found} />
      </span>
    </p>
  ) : null;

/** Of the whole flow: the worst, with the way to where it is, and how many more there are. Not announced: it lives. */
export const DoctorHead = ({ page }: { page: FlowPage }) => {
  const all = diagnose(page);
  const worst = worstOf(all);
  if (!worst) return null;
  return (
    <p class={`doctor ${worst.tone}`} id="doctor">
      <Icon name="alert" />
      <span>
        <a href={placeUrl(page, worst)}>{placeText(page, worst)}</a>
        {': '}
        {worst.sentence}
        <Fix found={worst} />
        {all.length > 1 && <span class="more"> {moreText(all.length - 1)}</span>}
      </span>
    </p>
  );
};

const Fix = ({ found: { fix } }: { found: Diagnosis }) =>
  fix ? (
    <>
      {' '}
      <a class="fix" href={fix.href}>
        {fix.text}
      </a>
    </>
  ) : null;

const moreText = (count: number): string =>
  count === 1 ? t('One more end needs a look.') : t('{count} more ends need a look.', { count });

/** What is wrong with the end that a page shows; an end of a link between relays is none of the doctor's. */
export const foundAt = (page: FlowPage, { id, pipeline }: Pick<End, 'id' | 'pipeline'>): Diagnosis | undefined =>
  diagnosisOf(page, { id, pipeline });

const placeUrl = ({ flow }: FlowPage, { id, pipeline }: Diagnosis): string =>
  `${tabUrl(flow.id, id === 'input' ? 'input' : 'output')}#live-${id}-${pipeline}`;

const placeText = ({ flow }: FlowPage, { id, pipeline }: Diagnosis): string => {
  const name = id === 'input' ? t('input') : (flow.outputs.find((output) => output.id === id)?.name ?? id);
  return t('{pipeline} · {name}', { pipeline: t(words.pipelines[pipeline]), name });
};
