/** The latency that a link of SRT needs, beside the one in force, with its reason. Made by server/latency-advice.ts. */
import { t } from './language.ts';
import type { NoticeTone } from './layout.tsx';
import type { LatencyNow } from './props.ts';
import { Icon } from './icon.tsx';
import { countText, msText } from './units.ts';
import type { Role } from './words.ts';

type Advice = NonNullable<LatencyNow['advice']>;

interface Props {
  /** Of the end that it belongs to: the advice unfolds. */
  readonly id: string;
  readonly role: Role;
  readonly latency: LatencyNow;
}

export const LatencyAdvice = ({ id, role, latency: { seconds, advice } }: Props) =>
  advice ? (
    <div class="advice">
      <p class={tones[advice.verdict]}>
        {advice.verdict !== 'enough' && <Icon name="alert" />}
        <span>
          <strong>{t('Suggested latency: {time}', { time: msText(advice.suggestedMs) })}</strong>
          {advice.inForceMs !== undefined && t(', in force: {time}', { time: msText(advice.inForceMs) })}
          {t('. ')}
          {t(sentences[advice.verdict])}
        </span>
      </p>
      <details id={`${id}-latency`}>
        <summary>{t('How this is computed')}</summary>
        <p>{reason(advice, role)}</p>
        <p class="hint">
          {t(
            "SRT repairs a loss by asking for the packet again, which takes a round trip each time. So it is 5 round trips; above 10 % of loss in the worst second more, 8 from 20 % on; never less than SRT's default of 120 ms. The round trip is the one that 19 of 20 seconds kept to. Reordered packets are no loss. The larger wish of both ends is the one in force.",
          )}
        </p>
      </details>
    </div>
  ) : (
    <p class="hint">
      {t(
        'No latency can be suggested yet: that takes a minute of this link, and {seconds} s of the last 5 min were measured.',
        { seconds },
      )}
    </p>
  );

const tones: Readonly<Record<Advice['verdict'], NoticeTone | 'ok'>> = {
  'too-short': 'bad',
  short: 'warn',
  enough: 'ok',
  'enough-yet-dropped': 'warn',
  unknown: 'ok',
};

const sentences: Readonly<Record<Advice['verdict'], string>> = {
  'too-short': 'Too short: with fewer than 4 round trips even single losses are not repaired in time. Raise it.',
  short: 'Single losses are repaired; bursts may not be. Raise it where media must not break.',
  enough: 'Enough.',
  'enough-yet-dropped':
    'Enough for repairs, yet packets were lost for good: the link was cut for longer than the latency.',
  unknown: '',
};

function reason({ seconds, rttMs, roundTrips, meanLoss, worstLoss, dropped }: Advice, role: Role): string {
  const facts = { roundTrips, rtt: msText(rttMs), seconds, mean: percent(meanLoss), worst: percent(worstLoss) };
  const losses =
    role === 'source'
      ? t(
          '{roundTrips} round trips of {rtt}. In the last {seconds} s, {mean} was lost on the way, repaired or not; in the worst second {worst}.',
          facts,
        )
      : t(
          '{roundTrips} round trips of {rtt}. In the last {seconds} s, {mean} was sent again because the receiver asked for it; in the worst second {worst}.',
          facts,
        );
  const gone =
    dropped === 1
      ? t(' 1 packet came too late and is missing for good.')
      : t(' {count} packets came too late and are missing for good.', { count: countText(dropped) });
  return losses + gone;
}

const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.001 ? 3 : 1)} %`;
