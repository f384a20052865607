/** Help beside the two fields that ask for knowledge: latency, and address ranges. */
import { AreaField, idOf } from './fields.tsx';
import { t } from './language.ts';
import type { Choices, FormState } from './props.ts';

/** What to type, in one breath. */
export const latencyHint = ({ initial }: Choices['latency']): string =>
  t(
    '{initial} ms suits a round trip up to 30 ms. Increase it on a poor network; the larger of this and the encoder’s own setting counts.',
    { initial },
  );

/** The arithmetic, which unfolds. */
export const latencyHelp = ({ initial }: Choices['latency']) => ({
  title: t('What latency to choose'),
  words: (
    <>
      <p>
        {t(
          'It is how long both ends keep packets, so that lost ones can be sent again. Each try takes one round trip, so give it 4 to 5 of them, and never less than {initial} ms.',
          { initial },
        )}
      </p>
      <p>
        {t(
          'The round trip is the “time=” that ping shows for the input address, which you are given once the flow is created. An example: time=40 ms, so 160 to 200 ms. You can change it while the flow is stopped, or leave it and raise it on the encoder.',
        )}
      </p>
    </>
  ),
});

interface AllowlistProps {
  readonly form: FormState;
  readonly choices: Choices;
  readonly name: string;
}

/** The reader's own address is offered as a button, which web/client/form-help.ts makes work, and stands there to be typed. */
export const AllowlistField = ({ form, choices: { ownRange }, name }: AllowlistProps) => (
  <AreaField
    form={form}
    name={name}
    label={t('IP allowlist (CIDR)')}
    rows={3}
    required
    hint={
      <>
        {t('Only these addresses may push. Ranges of addresses, one a line or with ; or , between.')}{' '}
        {ownRange &&
          t('This browser comes from {range}; an encoder elsewhere has another address.', { range: ownRange })}
      </>
    }
    help={{ title: t('What CIDR means'), words: <CidrHelp /> }}
    after={
      ownRange && (
        <span class="scripted">
          <button
            type="button"
            class="button small"
            id={`${idOf(name)}-own`}
            data-fill={ownRange}
            data-into={idOf(name)}
          >
            {t('Only my present address')}
          </button>
        </span>
      )
    }
  />
);

const CidrHelp = () => (
  <>
    <p>{t('An address, a slash, and how many of its first bits count:')}</p>
    <ul>
      <li>
        <code>203.0.113.7/32</code> {t('this one address')}
      </li>
      <li>
        <code>203.0.113.0/24</code> {t('the 256 addresses from 203.0.113.0 to 203.0.113.255')}
      </li>
      <li>
        <code>2001:db8::/32</code> {t('a network of IPv6')}
      </li>
      <li>
        <code>0.0.0.0/0</code> {t('every IPv4 address: anybody may try. Set a key then.')}
      </li>
    </ul>
  </>
);
