import type { ReactNode } from 'react';
import { MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import { getRouteApi } from '@tanstack/react-router';
import { useConnectors } from '../../data/connectors.ts';
import { useList, useOne } from '../../data/queries.ts';
import { ProblemMessage } from '../../parts/feedback/problem.tsx';
import { FilterTabs } from '../../parts/list/filters.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { Facts, Page } from '../../parts/show/page.tsx';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { balanceTones, invoiceTabs, type Invoice } from './invoice-values.ts';
import { Lines } from './lines.tsx';
import { invoices } from './texts.ts';

const route = getRouteApi('/invoices/$id');

/** One invoice: whether it adds up, and its lines. */
export function InvoicePage(): ReactNode {
  const { id } = route.useParams();
  const t = useTexts(invoices);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { tab = 'lines', kind } = search;
  const invoice = useOne('/v1/invoices/{id}', { path: { id } });
  const lines = useList('/v1/invoices/{id}/lines', {
    path: { id },
    query: { ...(kind && { kind }), ...(tab === 'unmatched' && { matched: false }) },
  });
  const go = (some: Partial<typeof search>): void =>
    void navigate({ search: (before) => ({ ...before, ...some }) });
  const { data } = invoice;
  const countOf = data ? { lines: data.lines, unmatched: data.unmatchedLines } : undefined;
  return (
    <Page title={data ? t('invoiceTitle', { number: data.number }) : t('title')}>
      <PageLink to="/invoices">{t('back')}</PageLink>
      <ProblemMessage error={invoice.error} onRetry={() => void invoice.refetch()} />
      {data && <InvoiceFacts invoice={data} />}
      <FilterTabs
        label={t('invoiceTabs')}
        value={tab}
        tabs={invoiceTabs.map((value) => ({ value, label: t(`tab-${value}`), count: countOf?.[value] }))}
        onChange={(value) => go({ tab: value === 'lines' ? undefined : value })}
      />
      <Lines
        key={tab}
        label={t(`tab-${tab}`)}
        list={lines}
        isUnmatched={tab === 'unmatched'}
        search={search}
        onSearch={go}
      />
    </Page>
  );
}

function InvoiceFacts({ invoice }: { invoice: Invoice }): ReactNode {
  const { balance, balanceDetail, statedTotal, lineTotal, currency, connectorId } = invoice;
  const t = useTexts(invoices);
  const word = useWord(invoices);
  const common = useCommon();
  const format = formatOf(useLanguage());
  const { nameOf } = useConnectors();
  return (
    <>
      {balance === 'unbalanced' && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{balanceDetail ?? word('balance', balance)}</MessageBarTitle>
            {t('unbalancedNext')}
          </MessageBarBody>
        </MessageBar>
      )}
      <Facts
        facts={[
          {
            term: t('balance'),
            value: <StatusBadge tone={balanceTones[balance]}>{word('balance', balance)}</StatusBadge>,
          },
          {
            term: t('stated'),
            value: format.money(statedTotal === null ? null : { amount: statedTotal, currency }),
          },
          { term: t('lineTotal'), value: format.money({ amount: lineTotal, currency }) },
          { term: t('date'), value: format.day(invoice.invoiceDate) },
          { term: common('connector'), value: nameOf(connectorId) },
          { term: t('repeatedRows'), value: format.number(invoice.repeatedRows) },
          { term: t('report'), value: `${invoice.reportName} (${invoice.cmpReportId})` },
          { term: t('generated'), value: format.moment(invoice.generatedAt) },
          { term: t('changed'), value: format.moment(invoice.changedAt) },
        ]}
      />
    </>
  );
}
