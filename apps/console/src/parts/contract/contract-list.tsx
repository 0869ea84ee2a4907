import { useMemo } from 'react';
import { makeStyles, Text, tokens } from '@fluentui/react-components';
import type { Answer, Operation } from '@isthmus/sdk';
import { useQueries } from '@tanstack/react-query';
import { keyOf, read, useCommand } from '../../data/queries.ts';
import { contracts as texts } from '../../texts/contracts.ts';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts } from '../../texts/use-texts.ts';
import { useToast } from '../feedback/toasts.tsx';
import type { RowAction } from '../form/row-menu.tsx';
import type { Column } from '../list/list.tsx';
import { StatusBadge } from '../show/badges.tsx';
import { PageLink } from '../show/links.tsx';
import type { SyncSubject } from '../sync/subscription-sync.tsx';
import {
  dayOf,
  defaultFault,
  groupsOf,
  stateOf,
  type Contract,
  type ContractDrawer,
} from './contract-values.ts';

type Totals = Answer<Operation<'get', '/v1/subscriptions/contract-totals'>>;
type Total = Totals[number];

export const contractKey = ({ id }: Contract): string => id;
export const contractName = ({ name }: Contract): string => name;

const useStyles = makeStyles({
  cell: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'start' },
  amount: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'end', textAlign: 'end' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

/** The API adds up so many contracts at once. */
const totalsAtOnce = 100;

/** Subscriptions, seats and monthly totals of contracts, by their ids, as far as they are known. */
export function useContractTotals(ids: readonly string[]): ReadonlyMap<string, Total> {
  const answers = useQueries({
    queries: groupsOf(ids, totalsAtOnce).map((billingContractId) => {
      const input = { query: { billingContractId } };
      return {
        queryKey: keyOf('/v1/subscriptions/contract-totals', input),
        queryFn: ({ signal }: { signal: AbortSignal }) =>
          read('/v1/subscriptions/contract-totals', input, signal),
        refetchInterval: 30_000,
      };
    }),
    combine: totalsIn,
  });
  return useMemo(() => new Map(answers.map((total) => [total.billingContractId, total])), [answers]);
}

const totalsIn = (answers: { data?: Totals | undefined }[]): Total[] =>
  answers.flatMap(({ data }) => data ?? []);

/** @param without the account, where all are of the same */
export function useContractColumns(
  rows: readonly Contract[],
  { without }: { without?: 'account' } = {},
): Column<Contract>[] {
  const t = useTexts(texts);
  const common = useCommon();
  const styles = useStyles();
  const language = useLanguage();
  const ids = useMemo(() => rows.map(({ id }) => id), [rows]);
  const totals = useContractTotals(ids);
  return useMemo(() => {
    const format = formatOf(language);
    const today = dayOf(new Date());
    const columns: Column<Contract>[] = [
      {
        id: 'name',
        header: t('contract'),
        cell: ({ id, name }) => (
          <PageLink to="/contracts/$id" params={{ id }}>
            {name}
          </PageLink>
        ),
      },
      {
        id: 'account',
        header: t('account'),
        cell: ({ tenantAccountName, tenantAccountId }) => (
          <span className={styles.cell}>
            <span>{tenantAccountName ?? tenantAccountId}</span>
            <Text size={200} className={styles.quiet}>
              {tenantAccountId}
            </Text>
          </span>
        ),
      },
      { id: 'currency', header: t('currency'), width: '5rem', cell: ({ currency }) => currency },
      {
        id: 'term',
        header: t('term'),
        cell: (contract) => {
          const state = stateOf(contract, today);
          return (
            <span className={styles.cell}>
              <span>{termOf(contract, t, format.day)}</span>
              {state === 'ended' && <StatusBadge tone="neutral">{t('ended')}</StatusBadge>}
              {state === 'to-begin' && <StatusBadge tone="busy">{t('begins')}</StatusBadge>}
            </span>
          );
        },
      },
      {
        id: 'default',
        header: t('default'),
        cell: (contract) => {
          const fault = defaultFault(contract);
          return (
            <span className={styles.cell}>
              {contract.isDefault && <StatusBadge tone="good">{t('isDefault')}</StatusBadge>}
              {fault && (
                <StatusBadge tone="warning">
                  {fault === 'none'
                    ? t('noDefault')
                    : t('severalDefaults', { count: contract.accountDefaults })}
                </StatusBadge>
              )}
            </span>
          );
        },
      },
      {
        id: 'subscriptions',
        header: t('subscriptions'),
        isNumber: true,
        width: '7rem',
        cell: ({ id }) => {
          const total = totals.get(id);
          return total ? format.number(total.subscriptions) : common('dash');
        },
      },
      {
        id: 'monthly',
        header: t('monthly'),
        isNumber: true,
        cell: ({ id }) => {
          const total = totals.get(id);
          if (!total) return common('dash');
          return (
            <span className={styles.amount}>
              {total.monthlyTotals.map((money) => (
                <span key={money.currency}>{format.money(money)}</span>
              ))}
              {total.monthlyTotals.length === 0 && common('dash')}
              {total.withoutPrice > 0 && (
                <Text size={200} className={styles.quiet}>
                  {t('withoutPrice', { count: total.withoutPrice })}
                </Text>
              )}
            </span>
          );
        },
      },
    ];
    return columns.filter(({ id }) => id !== without);
  }, [t, common, styles, language, totals, without]);
}

export const termOf = (
  { startDate, endDate }: Contract,
  t: ReturnType<typeof useTexts<'from' | 'fromTo'>>,
  day: (value: string) => string,
): string =>
  endDate === null
    ? t('from', { start: day(startDate) })
    : t('fromTo', { start: day(startDate), end: day(endDate) });

interface ContractCommands {
  open: (drawer: ContractDrawer, contract: Contract) => void;
  sync: (subject: SyncSubject) => void;
}

/** What can be done with a contract; the drawers are the page's. */
export function useContractActions({ open, sync }: ContractCommands): (contract: Contract) => RowAction[] {
  const t = useTexts(texts);
  const tell = useToast();
  const change = useCommand('patch', '/v1/billing-contracts/{id}', { changes: ['/v1/billing-contracts'] });
  return (contract) => {
    const { id, name, version, isDefault, tenantAccountId } = contract;
    const isOver = stateOf(contract, dayOf(new Date())) === 'ended';
    return [
      {
        label: t('change'),
        needs: 'PATCH /v1/billing-contracts/{id}',
        onClick: () => open('change-contract', contract),
      },
      {
        label: t('makeDefault'),
        needs: 'PATCH /v1/billing-contracts/{id}',
        reason: isDefault ? t('isDefaultAlready') : isOver ? t('endedAlready') : undefined,
        onClick: () =>
          change.mutate(
            { path: { id }, version, body: { isDefault: true } },
            {
              onSuccess: () => tell({ title: t('isDefaultNow', { name }) }),
              onError: (error) => tell({ title: name, detail: error.message, intent: 'error' }),
            },
          ),
      },
      {
        label: t('end'),
        needs: 'PATCH /v1/billing-contracts/{id}',
        reason: isOver ? t('endedAlready') : undefined,
        onClick: () => open('end-contract', contract),
      },
      {
        label: t('sync'),
        needs: 'POST /v1/sync-runs',
        onClick: () => sync({ name, billingContractId: id, tenantAccountId }),
      },
    ];
  };
}
