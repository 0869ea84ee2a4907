import type { ReactNode } from 'react';
import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { formatOf } from '../../texts/format.ts';
import { useLanguage, useTexts } from '../../texts/use-texts.ts';
import type { Subscription } from '../../parts/subscription/subscription.ts';
import type { Options } from './subscription-values.ts';
import { subscriptions } from '../../texts/subscriptions.ts';

export type Drawer = 'seats' | 'cancel' | 'renew' | 'schedule' | 'edit';

interface SubscriptionOptionsProps {
  subscription: Subscription;
  options: Options | undefined;
  onOpen: (drawer: Drawer) => void;
}

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: tokens.spacingVerticalS },
  option: { display: 'grid', gap: tokens.spacingVerticalXXS },
  head: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS, alignItems: 'center' },
});

const isEnded = ({ status }: Subscription): boolean => status !== 'active' && status !== 'pending';

/** Why seats can neither be added nor dropped, now or later; the first word of the platform about it. */
const whyNoSeats = ({ increase, decrease, decreaseAtRenewal }: Options): string | undefined =>
  increase.allowed || decrease.allowed || decreaseAtRenewal.allowed ? undefined : said(increase);

const said = ({ detail, nextStep }: { detail: string | null; nextStep: string | null }): string =>
  [detail, nextStep].filter(Boolean).join(' ');

/** The buttons of a subscription; what is not possible is disabled, with the reason and what to do instead. */
export function SubscriptionActions({ subscription, options, onOpen }: SubscriptionOptionsProps): ReactNode {
  const t = useTexts(subscriptions);
  const why = (option: Options['cancel'] | undefined): string | undefined =>
    option && !option.allowed ? said(option) : undefined;
  return (
    <>
      <ActionButton
        appearance="primary"
        needs="POST /v1/orders"
        reason={options && whyNoSeats(options)}
        onClick={() => onOpen('seats')}
      >
        {t('changeSeats')}
      </ActionButton>
      <ActionButton
        needs="POST /v1/orders"
        reason={why(options?.renewalSetting)}
        onClick={() => onOpen('renew')}
      >
        {t(subscription.autoRenew ? 'turnRenewOff' : 'turnRenewOn')}
      </ActionButton>
      <ActionButton
        needs="POST /v1/scheduled-changes"
        reason={isEnded(subscription) ? t('hasEnded') : undefined}
        onClick={() => onOpen('schedule')}
      >
        {t('schedule')}
      </ActionButton>
      <ActionButton needs="POST /v1/orders" reason={why(options?.cancel)} onClick={() => onOpen('cancel')}>
        {t('cancel')}
      </ActionButton>
      <ActionButton needs="PATCH /v1/subscriptions/{id}" onClick={() => onOpen('edit')}>
        {t('edit')}
      </ActionButton>
    </>
  );
}

const shown = ['increase', 'decrease', 'decreaseAtRenewal', 'cancel', 'renewalSetting'] as const;
const never = ['upgrade', 'migrate'] as const;

/** What can be done now and until when; what cannot, why, and what can be done instead. */
export function OptionsList({ options }: { options: Options }): ReactNode {
  const t = useTexts(subscriptions);
  const styles = useStyles();
  const format = formatOf(useLanguage());
  return (
    <ul className={styles.list} aria-label={t('options')}>
      {shown.map((name) => {
        const option = options[name];
        const { allowed, until, seats } = option;
        const facts = [
          name === 'decrease' && allowed && seats !== undefined ? t('upTo', { seats }) : '',
          allowed && until ? t('until', { time: format.moment(until), ago: format.ago(until) }) : '',
          said(option),
        ];
        return (
          <Option
            key={name}
            label={t(`option-${name}`)}
            allowed={allowed}
            detail={facts.filter(Boolean).join(' ')}
          />
        );
      })}
      {never.map((name) => (
        <Option key={name} label={t(`option-${name}`)} allowed={false} detail={t(`never-${name}`)} />
      ))}
    </ul>
  );
}

function Option({ label, allowed, detail }: { label: string; allowed: boolean; detail: string }): ReactNode {
  const t = useTexts(subscriptions);
  const styles = useStyles();
  return (
    <li className={styles.option}>
      <span className={styles.head}>
        <Text weight="semibold">{label}</Text>
        <StatusBadge tone={allowed ? 'good' : 'neutral'}>
          {t(allowed ? 'possible' : 'notPossible')}
        </StatusBadge>
      </span>
      {detail && <Text>{detail}</Text>}
    </li>
  );
}
