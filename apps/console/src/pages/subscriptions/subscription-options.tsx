import type { ReactNode } from 'react';
import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { saidOf } from '../../parts/feedback/for-people.ts';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { formatOf } from '../../texts/format.ts';
import { useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { hasEnded, type Subscription } from '../../parts/subscription/subscription.ts';
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

/** Why seats can neither be added nor dropped, now or later; the first word of the platform about it. */
const whyNoSeats = ({ increase, decrease, decreaseAtRenewal }: Options): Option | undefined =>
  increase.allowed || decrease.allowed || decreaseAtRenewal.allowed ? undefined : increase;

type Option = Options['cancel'];

/** Why not, or what it means; in own words where there are some. */
function useSaid(): (option: Option) => string {
  const word = useWord(subscriptions);
  return ({ code, detail, nextStep }) => {
    const own = code === null ? '' : word('why', code);
    return code !== null && own !== code ? own : saidOf({ detail, nextStep });
  };
}

/** The buttons of a subscription; what is not possible is disabled, with the reason and what to do instead. */
export function SubscriptionActions({ subscription, options, onOpen }: SubscriptionOptionsProps): ReactNode {
  const t = useTexts(subscriptions);
  const said = useSaid();
  const ended = hasEnded(subscription) ? t('hasEnded') : undefined;
  const why = (option: Option | undefined): string | undefined =>
    ended ?? (option && !option.allowed ? said(option) : undefined);
  const noSeats = options && whyNoSeats(options);
  return (
    <>
      <ActionButton
        appearance="primary"
        needs="POST /v1/orders"
        reason={ended ?? (noSeats && said(noSeats))}
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
      <ActionButton needs="POST /v1/scheduled-changes" reason={ended} onClick={() => onOpen('schedule')}>
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

/** What can be done now and until when; what cannot, why, and what can be done instead. */
export function OptionsList({ options, seats: all }: { options: Options; seats: number | null }): ReactNode {
  const t = useTexts(subscriptions);
  const said = useSaid();
  const styles = useStyles();
  const format = formatOf(useLanguage());
  const isLegacy = options.increase.code === 'legacy-update-not-supported';
  const never = ['upgrade', ...(isLegacy ? (['migrate'] as const) : [])] as const;
  return (
    <ul className={styles.list} aria-label={t('options')}>
      {shown.map((name) => {
        const option = options[name];
        const { allowed, until, seats } = option;
        // A renewal is a day, not a moment.
        const isDay = name === 'decreaseAtRenewal' || name === 'renewalSetting';
        const last = isDay && until ? until.slice(0, 10) : until;
        const facts = [
          name === 'decrease' && allowed && seats !== undefined ? t('upTo', { seats }) : '',
          name === 'decrease' && allowed && seats !== undefined && seats + 1 === all ? t('oneRemains') : '',
          allowed && last
            ? t('until', { time: isDay ? format.day(last) : format.moment(last), ago: format.ago(last) })
            : '',
          name === 'renewalSetting' && allowed ? t('renewal-setting') : said(option),
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
