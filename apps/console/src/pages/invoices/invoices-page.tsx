import { useMemo, type ReactNode } from 'react';
import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { getRouteApi } from '@tanstack/react-router';
import { useConnectors } from '../../data/connectors.ts';
import { useCommand, useList } from '../../data/queries.ts';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { FilterBar, FilterTabs, SelectFilter } from '../../parts/list/filters.tsx';
import { DataList, Empty, type Column } from '../../parts/list/list.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { Page } from '../../parts/show/page.tsx';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { balances, balanceTones, invoicesTabs, type Invoice } from './invoice-values.ts';
import { Lines } from './lines.tsx';
import { Reports } from './reports.tsx';
import { invoices } from './texts.ts';

const route = getRouteApi('/invoices');
const keyOf = ({ id }: Invoice): string => id;
const nameOf = ({ number }: Invoice): string => number;
const useStyles = makeStyles({
  cell: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'start' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

/** What Ingram Micro charges: its invoices and whether they add up, charges nobody is known for, and the reports they come from. */
export function InvoicesPage(): ReactNode {
  const t = useTexts(invoices);
  const word = useWord(invoices);
  const tell = useToast();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { chosen, connectors } = useConnectors();
  const { tab = 'invoices', balance, kind } = search;
  const ofConnector = chosen ? { connectorId: chosen } : {};
  const list = useList(
    '/v1/invoices',
    { query: { ...ofConnector, ...(balance && { balance }) } },
    { enabled: tab === 'invoices' },
  );
  const unmatched = useList(
    '/v1/rated-lines',
    { query: { matched: false, ...ofConnector, ...(kind && { kind }) } },
    { enabled: tab === 'unmatched' },
  );
  const columns = useColumns();
  const start = useCommand('post', '/v1/sync-runs', { changes: ['/v1/sync-runs', '/v1/rated-reports'] });
  const connectorId = chosen ?? (connectors.length === 1 ? connectors[0]?.id : undefined);
  const go = (some: Partial<typeof search>): void =>
    void navigate({ search: (before) => ({ ...before, ...some }) });

  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      actions={
        <ActionButton
          needs="POST /v1/sync-runs"
          reason={connectorId ? undefined : t('chooseConnector')}
          isBusy={start.isPending}
          onClick={() =>
            start.mutate(
              { body: { connectorId: connectorId!, scope: 'reports' } },
              {
                onSuccess: ({ id }) =>
                  tell({
                    title: t('reading'),
                    intent: 'info',
                    next: (
                      <PageLink to="/sync-runs/$kind/$id" params={{ kind: 'account', id }}>
                        {t('toRun')}
                      </PageLink>
                    ),
                  }),
                onError: (error) => tell({ title: t('readNow'), detail: error.message, intent: 'error' }),
              },
            )
          }
        >
          {t('readNow')}
        </ActionButton>
      }
    >
      <FilterTabs
        label={t('tabs')}
        value={tab}
        tabs={invoicesTabs.map((value) => ({ value, label: t(`tab-${value}`) }))}
        onChange={(value) => go({ tab: value === 'invoices' ? undefined : value })}
      />
      {tab === 'invoices' && (
        <>
          <FilterBar>
            <SelectFilter
              label={t('balance')}
              value={balance}
              options={balances.map((value) => ({ value, label: word('balance', value) }))}
              onChange={(value) => go({ balance: value })}
            />
          </FilterBar>
          <DataList
            label={t('title')}
            list={list}
            columns={columns}
            rowKey={keyOf}
            rowName={nameOf}
            empty={
              balance || chosen ? (
                <Empty title={t('noneTitle')} detail={t('noneDetail')} />
              ) : (
                <Empty title={t('emptyTitle')} detail={t('emptyDetail')}>
                  <PageLink to="/invoices" search={{ tab: 'reports' }}>
                    {t('toReports')}
                  </PageLink>
                </Empty>
              )
            }
          />
        </>
      )}
      {tab === 'unmatched' && (
        <Lines label={t('tab-unmatched')} list={unmatched} isUnmatched search={search} onSearch={go} />
      )}
      {tab === 'reports' && (
        <Reports connectorId={chosen} status={search.status} onStatus={(status) => go({ status })} />
      )}
    </Page>
  );
}

function useColumns(): Column<Invoice>[] {
  const t = useTexts(invoices);
  const word = useWord(invoices);
  const common = useCommon();
  const styles = useStyles();
  const language = useLanguage();
  const { connectors, nameOf: connectorName } = useConnectors();
  return useMemo(() => {
    const format = formatOf(language);
    return [
      {
        id: 'number',
        header: t('number'),
        cell: ({ id, number }) => (
          <PageLink to="/invoices/$id" params={{ id }}>
            {number}
          </PageLink>
        ),
      },
      { id: 'date', header: t('date'), width: '8rem', cell: ({ invoiceDate }) => format.day(invoiceDate) },
      ...(connectors.length > 1
        ? [
            {
              id: 'connector',
              header: common('connector'),
              cell: (row: Invoice) => connectorName(row.connectorId),
            },
          ]
        : []),
      {
        id: 'balance',
        header: t('balance'),
        cell: ({ balance, balanceDetail }) => (
          <span className={styles.cell}>
            <StatusBadge tone={balanceTones[balance]}>{word('balance', balance)}</StatusBadge>
            {balanceDetail && (
              <Text size={200} className={styles.quiet}>
                {balanceDetail}
              </Text>
            )}
          </span>
        ),
      },
      {
        id: 'stated',
        header: t('stated'),
        isNumber: true,
        cell: ({ statedTotal, currency }) =>
          format.money(statedTotal === null ? null : { amount: statedTotal, currency }),
      },
      {
        id: 'sum',
        header: t('lineTotal'),
        isNumber: true,
        cell: ({ lineTotal, currency }) => format.money({ amount: lineTotal, currency }),
      },
      {
        id: 'lines',
        header: t('lines'),
        isNumber: true,
        width: '5rem',
        cell: ({ lines }) => format.number(lines),
      },
      {
        id: 'unmatched',
        header: t('unmatchedLines'),
        isNumber: true,
        width: '7rem',
        cell: ({ id, unmatchedLines }) =>
          unmatchedLines > 0 ? (
            <PageLink to="/invoices/$id" params={{ id }} search={{ tab: 'unmatched' }}>
              {format.number(unmatchedLines)}
            </PageLink>
          ) : (
            format.number(unmatchedLines)
          ),
      },
    ];
  }, [t, word, common, styles, language, connectors.length, connectorName]);
}
