import { useMemo, type ReactNode } from 'react';
import { makeStyles, Text, tokens } from '@fluentui/react-components';
import type { Operation, Row } from '@isthmus/sdk';
import { getRouteApi } from '@tanstack/react-router';
import { useConnectors } from '../../data/connectors.ts';
import { useList, useOne } from '../../data/queries.ts';
import { forPeople } from '../../parts/feedback/for-people.ts';
import { isAtRest, OrderBadge, useOrderWords } from '../../parts/order/order-words.tsx';
import { DayFilter, FilterBar, FilterTabs, SearchFilter, SelectFilter } from '../../parts/list/filters.tsx';
import { DataList, Empty, type Column } from '../../parts/list/list.tsx';
import { ButtonLink, PageLink } from '../../parts/show/links.tsx';
import { Page } from '../../parts/show/page.tsx';
import { formatOf } from '../../texts/format.ts';
import { orderWords } from '../../texts/orders.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import {
  countsByTab,
  filtersOf,
  inTab,
  orderKinds,
  orderSources,
  orderTabs,
  waitCauses,
} from './order-filters.ts';
import { OrdersElsewhere } from './orders-elsewhere.tsx';
import { orders } from './texts.ts';

type OrderRow = Row<Operation<'get', '/v1/orders'>>;

const route = getRouteApi('/orders');
const keyOf = ({ id }: OrderRow): string => id;
const nameOf = ({ marker }: OrderRow): string => marker;

const useStyles = makeStyles({
  cell: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'start' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

/** Every order: what it does, for whom, how far it is, what it waits for, who asked from where. */
export function OrdersPage(): ReactNode {
  const t = useTexts(orders);
  const common = useCommon();
  const word = useWord(orderWords);
  const waitWord = useWord(orders);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { chosen: connectorId } = useConnectors();
  const { tab = 'all' } = search;
  const filters = filtersOf({ ...search, connectorId });
  const isElsewhere = tab === 'elsewhere';
  const { data: counts } = useOne('/v1/orders/counts', { query: filters }, { every: 10_000 });
  const list = useList(
    '/v1/orders',
    { query: { ...filters, ...inTab(tab) } },
    { enabled: !isElsewhere, every: 10_000 },
  );
  const columns = useColumns();
  const go = (some: Partial<typeof search>): void =>
    void navigate({ search: (before) => ({ ...before, ...some }) });
  const countOf = countsByTab(counts);
  const isFiltered = tab !== 'all' || Object.keys(filters).length > 0;

  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      actions={
        <ButtonLink to="/buy" appearance="primary">
          {t('buy')}
        </ButtonLink>
      }
    >
      <FilterTabs
        label={t('tabs')}
        value={tab}
        tabs={orderTabs.map((value) => ({ value, label: t(`tab-${value}`), count: countOf[value] }))}
        onChange={(value) => go({ tab: value === 'all' ? undefined : value })}
      />
      {isElsewhere ? (
        <OrdersElsewhere connectorId={connectorId} />
      ) : (
        <>
          <FilterBar>
            <SearchFilter label={common('search')} value={search.q} onChange={(q) => go({ q })} />
            <SelectFilter
              label={t('kind')}
              value={search.kind}
              options={orderKinds.map((value) => ({ value, label: word('kind', value) }))}
              onChange={(kind) => go({ kind })}
            />
            <SelectFilter
              label={t('source')}
              value={search.source}
              options={orderSources.map((value) => ({ value, label: word('source', value) }))}
              onChange={(source) => go({ source })}
            />
            <SelectFilter
              label={t('waitsFor')}
              value={search.waitingFor}
              options={waitCauses.map((value) => ({ value, label: waitWord('wait', value) }))}
              onChange={(waitingFor) => go({ waitingFor })}
            />
            <DayFilter label={t('from')} value={search.from} onChange={(from) => go({ from })} />
            <DayFilter label={t('to')} value={search.to} onChange={(to) => go({ to })} />
          </FilterBar>
          <DataList
            label={t('title')}
            list={list}
            columns={columns}
            rowKey={keyOf}
            rowName={nameOf}
            empty={
              isFiltered ? (
                <Empty title={t('noneTitle')} detail={t('noneDetail')}>
                  <PageLink to="/orders">{t('showAll')}</PageLink>
                </Empty>
              ) : (
                <Empty title={t('emptyTitle')} detail={t('emptyDetail')}>
                  <PageLink to="/subscriptions">{t('toSubscriptions')}</PageLink>
                </Empty>
              )
            }
          />
        </>
      )}
    </Page>
  );
}

function useColumns(): Column<OrderRow>[] {
  const t = useTexts(orders);
  const common = useCommon();
  const word = useWord(orderWords);
  const words = useOrderWords();
  const styles = useStyles();
  const language = useLanguage();
  return useMemo(() => {
    const format = formatOf(language);
    return [
      {
        id: 'what',
        header: t('what'),
        cell: (order) => (
          <span className={styles.cell}>
            <PageLink to="/orders/$id" params={{ id: order.id }}>
              {words.deed(order)}
            </PageLink>
            <Text size={200} className={styles.quiet}>
              {order.productName ?? order.mpn ?? common('dash')}
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
        id: 'status',
        header: common('status'),
        cell: (order) => (
          <span className={styles.cell}>
            <OrderBadge status={order.status} />
            <Text size={200} className={styles.quiet}>
              {forPeople(order.waiting?.detail ?? (isAtRest(order) ? order.reason?.detail : ''))}
            </Text>
          </span>
        ),
      },
      {
        id: 'total',
        header: t('total'),
        isNumber: true,
        width: '8rem',
        cell: ({ total }) => format.money(total),
      },
      {
        id: 'who',
        header: t('who'),
        cell: ({ requestedBy, source }) => (
          <span className={styles.cell}>
            <span>{requestedBy}</span>
            <Text size={200} className={styles.quiet}>
              {word('source', source)}
            </Text>
          </span>
        ),
      },
      {
        id: 'asked',
        header: t('asked'),
        width: '9rem',
        cell: ({ requestedAt }) => (
          <time dateTime={requestedAt} title={format.moment(requestedAt)}>
            {format.ago(requestedAt)}
          </time>
        ),
      },
      {
        id: 'number',
        header: t('number'),
        cell: ({ marker, cmpOrderNumber }) => (
          <span className={styles.cell}>
            <code>{marker}</code>
            {cmpOrderNumber && (
              <Text size={200} className={styles.quiet}>
                {cmpOrderNumber}
              </Text>
            )}
          </span>
        ),
      },
    ];
  }, [t, common, word, words, styles, language]);
}
