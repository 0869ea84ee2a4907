import { useMemo } from 'react';
import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { useList } from '../../data/queries.ts';
import { formatOf } from '../../texts/format.ts';
import { subscriptions } from '../../texts/subscriptions.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import type { Column } from '../list/list.tsx';
import { useOrderWords } from '../order/order-words.tsx';
import { StatusBadge } from '../show/badges.tsx';
import { PageLink } from '../show/links.tsx';
import { hasEnded, nextDay, titleOf, type Subscription } from './subscription.ts';

const contractsQuestion = { query: { limit: 200 } };

const useStyles = makeStyles({
  cell: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'start' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

/**
 * Subscriptions as lists show them.
 * @param without of whom all are anyway
 */
export function useSubscriptionColumns(without?: 'account' | 'contract'): Column<Subscription>[] {
  const t = useTexts(subscriptions);
  const common = useCommon();
  const word = useWord(subscriptions);
  const words = useOrderWords();
  const styles = useStyles();
  const language = useLanguage();
  const { rows: contracts } = useList('/v1/billing-contracts', contractsQuestion, {
    enabled: without !== 'contract',
  });
  return useMemo(() => {
    const format = formatOf(language);
    const contractNames = new Map(contracts.map(({ id, name }) => [id, name]));
    const columns: Column<Subscription>[] = [
      {
        id: 'name',
        header: t('subscription'),
        minWidth: '14rem',
        cell: (row) => (
          <span className={styles.cell}>
            <PageLink to="/subscriptions/$id" params={{ id: row.id }}>
              {titleOf(row)}
            </PageLink>
            <Text size={200} className={styles.quiet}>
              {row.friendlyName ? row.name : row.cmpSubscriptionId}
            </Text>
          </span>
        ),
      },
      {
        id: 'account',
        header: t('account'),
        cell: ({ accountName, cmpAccountId }) => accountName ?? cmpAccountId,
      },
      {
        id: 'contract',
        header: t('contract'),
        cell: ({ billingContractId: id }) =>
          id ? (contractNames.get(id) ?? id) : <StatusBadge tone="warning">{t('noContract')}</StatusBadge>,
      },
      {
        id: 'seats',
        header: t('seats'),
        isNumber: true,
        width: '5rem',
        cell: ({ seats, lines }) =>
          seats === null || lines.length === 0 ? (
            <span title={t('notRead')}>{t('notReadMark')}</span>
          ) : (
            format.number(seats)
          ),
      },
      {
        id: 'total',
        header: t('price'),
        isNumber: true,
        cell: (row) => (hasEnded(row) ? common('dash') : words.per(row.periodTotal, row.billingPeriod)),
      },
      { id: 'term', header: t('term'), width: '6rem', cell: ({ term }) => words.period(term) },
      {
        id: 'renewal',
        header: t('renewalOrEnd'),
        width: '8rem',
        cell: (row) => {
          const { what, day } = nextDay(row);
          return (
            <span className={styles.cell}>
              <span>{format.day(day)}</span>
              <Text size={200} className={styles.quiet}>
                {t(what === 'ended' ? 'status-terminated' : what)}
              </Text>
            </span>
          );
        },
      },
      {
        id: 'status',
        header: common('status'),
        width: '9rem',
        cell: ({ status, openOrderId }) => (
          <span className={styles.cell}>
            <StatusBadge tone={status === 'active' ? 'good' : 'neutral'}>
              {word('status', status)}
            </StatusBadge>
            {openOrderId && (
              <PageLink to="/orders/$id" params={{ id: openOrderId }}>
                {t('openOrder')}
              </PageLink>
            )}
          </span>
        ),
      },
      { id: 'asOf', header: t('asOf'), width: '7rem', cell: ({ asOf }) => format.ago(asOf) },
    ];
    return columns.filter(({ id }) => id !== without);
  }, [t, common, word, words, styles, language, contracts, without]);
}
