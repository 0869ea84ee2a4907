import type { ReactNode } from 'react';
import { Text, Title3 } from '@fluentui/react-components';
import type { Connector } from '@isthmus/sdk';
import { getRouteApi } from '@tanstack/react-router';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { Facts, type Fact } from '../../parts/show/page.tsx';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { integrations } from '../integrations/texts.ts';
import { connectorTexts } from './texts.ts';

const route = getRouteApi('/admin/hub/integrations/$id');

/** How the connector is set up. Changes are made, or only tried, in the form. */
export default function SettingsTab({ connector }: { connector: Connector }): ReactNode {
  const t = useTexts(connectorTexts);
  const navigate = route.useNavigate();
  return (
    <>
      <div>
        <ActionButton
          appearance="primary"
          needs="PATCH /v1/connectors/{id}"
          onClick={() => void navigate({ search: (before) => ({ ...before, drawer: 'edit' }) })}
        >
          {t('change')}
        </ActionButton>
      </div>
      <Text>{t('changeHint')}</Text>
      <Access connector={connector} />
      <Title3 as="h2">{t('reading')}</Title3>
      <Reading connector={connector} />
      <Title3 as="h2">{t('ordering')}</Title3>
      <Ordering connector={connector} />
    </>
  );
}

/** The eight settings of the form, in its order. */
function Access({ connector }: { connector: Connector }): ReactNode {
  const t = useTexts(integrations);
  const its = useTexts(connectorTexts);
  const common = useCommon();
  const { name, username, apiUrl, accountId, country, currency, marketplace, marketplaceDerived } = connector;
  const secret = its('secretSaved');
  const facts: Fact[] = [
    { term: common('name'), value: name },
    { term: t('username'), value: username },
    { term: t('password'), value: secret },
    { term: t('apiUrl'), value: apiUrl },
    { term: t('accountId'), value: accountId },
    { term: t('subscriptionKey'), value: secret },
    { term: t('country'), value: country },
    { term: t('currency'), value: currency },
    {
      term: its('marketplace'),
      value: marketplaceDerived ? its('marketplaceDerived', { marketplace, country }) : marketplace,
    },
  ];
  return <Facts facts={facts} />;
}

function Reading({ connector: { schedule, callLimit } }: { connector: Connector }): ReactNode {
  const t = useTexts(connectorTexts);
  const format = formatOf(useLanguage());
  const every = (minutes: number): string => (minutes === 0 ? t('never') : t('everyMinutes', { minutes }));
  const calls = (most: number | null): string => (most === null ? t('unknownLimit') : format.number(most));
  return (
    <Facts
      facts={[
        { term: t('field-schedule-tickMinutes'), value: every(schedule.tickMinutes) },
        { term: t('field-schedule-sweepMinutes'), value: every(schedule.sweepMinutes) },
        { term: t('field-schedule-accountsMinutes'), value: every(schedule.accountsMinutes) },
        { term: t('field-callLimit-perMinute'), value: calls(callLimit.perMinute) },
        { term: t('field-callLimit-perDay'), value: calls(callLimit.perDay) },
      ]}
    />
  );
}

type Limits = Connector['orderGuard']['quoteFrom'];

function Ordering({ connector }: { connector: Connector }): ReactNode {
  const t = useTexts(connectorTexts);
  const word = useWord(connectorTexts);
  const format = formatOf(useLanguage());
  const { fieldNames, termOfFrequency, orderGuard, partnerAttestation, currency } = connector;
  const limits = ({ seats, percent, percentFromSeats, yearlyAmount, purchasesPerHour }: Limits): string => {
    const parts = [
      seats !== null && t('limitSeats', { seats: format.number(seats) }),
      percent !== null &&
        t('limitPercent', { percent: format.number(percent), seats: format.number(percentFromSeats) }),
      yearlyAmount !== null &&
        t('limitAmount', { amount: format.money({ amount: String(yearlyAmount), currency }) }),
      purchasesPerHour !== null && t('limitPurchases', { count: format.number(purchasesPerHour) }),
    ];
    return parts.filter(Boolean).join(' · ') || t('noLimit');
  };
  const terms = (['monthly', 'annual', 'triennial'] as const)
    .map((frequency) => `${t(`frequency-${frequency}`)}: ${termOfFrequency[frequency] ?? t('refused')}`)
    .join(' · ');
  return (
    <Facts
      facts={[
        { term: t('field-fieldNames'), value: word('names', fieldNames) },
        {
          term: t('field-partnerAttestation'),
          value: partnerAttestation
            ? t('attested', { by: partnerAttestation.by, at: format.moment(partnerAttestation.at) })
            : t('notAttested'),
        },
        { term: t('field-orderGuard-approvalDays'), value: format.number(orderGuard.approvalDays) },
        { term: t('field-termOfFrequency'), value: terms, isWide: true },
        { term: t('quoteFrom'), value: limits(orderGuard.quoteFrom), isWide: true },
        { term: t('approvalFrom'), value: limits(orderGuard.approvalFrom), isWide: true },
      ]}
    />
  );
}
