import { lazy, Suspense, useMemo, useState, type ReactNode } from 'react';
import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { getRouteApi } from '@tanstack/react-router';
import { useConnectors } from '../../data/connectors.ts';
import { useList, useOne, type List } from '../../data/queries.ts';
import { ActionButton } from '../../parts/form/action-button.tsx';
import type { RowAction } from '../../parts/form/row-menu.tsx';
import { FilterBar, FilterTabs, SelectFilter } from '../../parts/list/filters.tsx';
import { DataList, Empty, type Column } from '../../parts/list/list.tsx';
import { useOrderWords } from '../../parts/order/order-words.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { Page } from '../../parts/show/page.tsx';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import {
  costOfDoingNothing,
  inAWeek,
  isOfDays,
  renewalsWithin,
  renewalTabs,
  type ClosingWindow,
  type Renewal,
} from './renewal-values.ts';
import { renewals } from './texts.ts';

const RenewManyDrawer = lazy(() => import('./renew-many-drawer.tsx'));
const UnreadNote = lazy(() => import('../../parts/subscription/unread-note.tsx'));

const route = getRouteApi('/renewals');
const keyOf = ({ subscriptionId }: Renewal): string => subscriptionId;
const nameOf = ({ name, accountName }: Renewal): string => [name, accountName].filter(Boolean).join(', ');
const noKeys: ReadonlySet<string> = new Set();

const useStyles = makeStyles({
  cell: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'start' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

/** What renews soon, what it costs when nobody does anything, and which seats may be dropped only for a few days more. */
export function RenewalsPage(): ReactNode {
  const t = useTexts(renewals);
  const common = useCommon();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { chosen: connectorId } = useConnectors();
  const { tab = '30' } = search;
  const [now] = useState(() => new Date());
  const [selected, setSelected] = useState(noKeys);
  const days = isOfDays(tab) ? Number(tab) : 30;
  const list = useList(
    '/v1/renewals',
    { query: renewalsWithin(days, { renew: search.renew, connectorId }, now) },
    { enabled: isOfDays(tab) },
  );
  const columns = useColumns();
  const go = (some: Partial<typeof search>): void =>
    void navigate({ search: (before) => ({ ...before, ...some }) });
  const open = (id: string, drawer: 'renew' | 'schedule' | 'seats'): void =>
    void navigate({ to: '/subscriptions/$id', params: { id }, search: { drawer } });
  const actionsFor = ({ subscriptionId: id, autoRenew }: Renewal): RowAction[] => [
    {
      label: t(autoRenew ? 'turnOff' : 'turnOn'),
      needs: 'POST /v1/orders',
      onClick: () => open(id, 'renew'),
    },
    { label: t('schedule'), needs: 'POST /v1/scheduled-changes', onClick: () => open(id, 'schedule') },
    { label: t('changeSeats'), needs: 'POST /v1/orders', onClick: () => open(id, 'seats') },
  ];
  const nobody = selected.size === 0 ? t('selectFirst') : undefined;
  const chosen = list.rows.filter(({ subscriptionId }) => selected.has(subscriptionId));

  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      actions={
        isOfDays(tab) && (
          <>
            <ActionButton needs="POST /v1/orders" reason={nobody} onClick={() => go({ drawer: 'renew-off' })}>
              {t('turnOffMany')}
            </ActionButton>
            <ActionButton needs="POST /v1/orders" reason={nobody} onClick={() => go({ drawer: 'renew-on' })}>
              {t('turnOnMany')}
            </ActionButton>
          </>
        )
      }
    >
      <Suspense fallback={null}>
        <UnreadNote connectorId={connectorId} />
      </Suspense>
      <FilterTabs
        label={t('tabs')}
        value={tab}
        tabs={renewalTabs.map((value) => ({ value, label: t(`tab-${value}`) }))}
        onChange={(value) => {
          setSelected(noKeys);
          go({ tab: value === '30' ? undefined : value });
        }}
      />
      {isOfDays(tab) ? (
        <>
          <FilterBar>
            <SelectFilter
              label={t('autoRenew')}
              value={search.renew}
              options={[
                { value: 'on', label: common('on') },
                { value: 'off', label: common('off') },
              ]}
              onChange={(renew) => go({ renew })}
            />
          </FilterBar>
          {list.rows.length > 0 && <CostLine list={list} />}
          <DataList
            label={t('title')}
            list={list}
            columns={columns}
            rowKey={keyOf}
            rowName={nameOf}
            actions={actionsFor}
            selection={{ keys: selected, onChange: setSelected }}
            empty={
              <Empty title={t('noneTitle')} detail={t('noneDetail')}>
                <PageLink to="/renewals" search={{ tab: '90' }}>
                  {t('look90')}
                </PageLink>
              </Empty>
            }
          />
        </>
      ) : (
        <Windows connectorId={connectorId} now={now} />
      )}
      <Suspense fallback={null}>
        {search.drawer && chosen.length > 0 && (
          <RenewManyDrawer
            renewals={chosen}
            autoRenew={search.drawer === 'renew-on'}
            onClose={() => go({ drawer: undefined })}
          />
        )}
      </Suspense>
    </Page>
  );
}

/** What it costs when nobody does anything; of the rows that are there. */
function CostLine({ list }: { list: List<Renewal> }): ReactNode {
  const t = useTexts(renewals);
  const common = useCommon();
  const format = formatOf(useLanguage());
  const { totals, withoutPrice } = costOfDoingNothing(list.rows);
  const cost = totals.map((total) => format.money(total)).join(' + ') || common('dash');
  return (
    <Text weight="semibold">
      {[
        t(list.hasMore ? 'costShown' : 'cost', { cost }),
        withoutPrice > 0 ? t('withoutPrice', { count: withoutPrice }) : '',
      ]
        .filter(Boolean)
        .join(' ')}
    </Text>
  );
}

function useColumns(): Column<Renewal>[] {
  const t = useTexts(renewals);
  const word = useWord(renewals);
  const common = useCommon();
  const words = useOrderWords();
  const styles = useStyles();
  const language = useLanguage();
  return useMemo(() => {
    const format = formatOf(language);
    return [
      {
        id: 'day',
        header: t('day'),
        width: '9rem',
        cell: ({ renewalDate }) => (
          <span className={styles.cell}>
            <span>{format.day(renewalDate)}</span>
            <Text size={200} className={styles.quiet}>
              {renewalDate && format.ago(renewalDate)}
            </Text>
          </span>
        ),
      },
      {
        id: 'name',
        header: t('subscription'),
        minWidth: '14rem',
        cell: ({ subscriptionId: id, name }) => (
          <PageLink to="/subscriptions/$id" params={{ id }}>
            {name}
          </PageLink>
        ),
      },
      {
        id: 'account',
        header: t('account'),
        cell: ({ accountName, cmpAccountId }) => accountName ?? cmpAccountId,
      },
      {
        id: 'seats',
        header: t('seats'),
        isNumber: true,
        width: '5rem',
        cell: ({ seats, seatsAtRenewal, outcome }) =>
          outcome === 'renews' && seatsAtRenewal !== seats
            ? `${seats ?? common('dash')} → ${seatsAtRenewal ?? common('dash')}`
            : (seats ?? common('dash')),
      },
      {
        id: 'cost',
        header: t('costs'),
        isNumber: true,
        cell: ({ costOfDoingNothing: cost, noCostReason: why }) =>
          cost ? (
            format.money(cost)
          ) : (
            <Text size={200} className={styles.quiet} title={why?.detail}>
              {why ? word('no-cost', why.code) : common('dash')}
            </Text>
          ),
      },
      { id: 'term', header: t('term'), width: '6rem', cell: ({ term }) => words.period(term) },
      {
        id: 'renew',
        header: t('autoRenew'),
        cell: ({ autoRenew, scheduledChangeId, scheduledChangeCounted, openOrderId }) => (
          <span className={styles.cell}>
            <StatusBadge tone={autoRenew ? 'good' : 'warning'}>
              {common(autoRenew ? 'on' : 'off')}
            </StatusBadge>
            {scheduledChangeId && (
              <StatusBadge tone={scheduledChangeCounted ? 'busy' : 'warning'}>
                {t(scheduledChangeCounted ? 'hasScheduled' : 'hasProposed')}
              </StatusBadge>
            )}
            {openOrderId && (
              <PageLink to="/orders/$id" params={{ id: openOrderId }}>
                {t('openOrder')}
              </PageLink>
            )}
          </span>
        ),
      },
    ];
  }, [t, word, common, words, styles, language]);
}

const windowKey = ({ subscriptionId, line, addedAt }: ClosingWindow): string =>
  `${subscriptionId} ${line} ${addedAt}`;
const windowName = ({ name, accountName }: ClosingWindow): string =>
  [name, accountName].filter(Boolean).join(', ');
const noWindows: readonly ClosingWindow[] = [];

/** Seats that may be dropped only for a few days more, the next to close first. */
function Windows({ connectorId, now }: { connectorId: string | undefined; now: Date }): ReactNode {
  const t = useTexts(renewals);
  const common = useCommon();
  const language = useLanguage();
  const navigate = route.useNavigate();
  const query = useOne(
    '/v1/subscriptions/windows',
    { query: { closingBefore: inAWeek(now), ...(connectorId && { connectorId }) } },
    { every: 60_000 },
  );
  const columns = useMemo<Column<ClosingWindow>[]>(() => {
    const format = formatOf(language);
    return [
      {
        id: 'until',
        header: t('closes'),
        cell: ({ reducibleUntil }) => `${format.moment(reducibleUntil)} (${format.ago(reducibleUntil)})`,
      },
      {
        id: 'name',
        header: t('subscription'),
        cell: ({ subscriptionId, name }) => (
          <PageLink to="/subscriptions/$id" params={{ id: subscriptionId }}>
            {name}
          </PageLink>
        ),
      },
      { id: 'account', header: t('account'), cell: ({ accountName }) => accountName ?? common('dash') },
      { id: 'seats', header: t('droppable'), isNumber: true, cell: ({ seats }) => seats },
      { id: 'line', header: t('line'), cell: ({ line }) => line ?? common('dash') },
      { id: 'added', header: t('added'), cell: ({ addedAt }) => format.moment(addedAt) },
    ];
  }, [t, common, language]);
  const list: List<ClosingWindow> = {
    rows: query.data ?? noWindows,
    isLoading: query.isPending,
    isFetching: query.isFetching,
    error: query.error,
    asOf: query.dataUpdatedAt > 0 ? new Date(query.dataUpdatedAt) : undefined,
    isStale: query.error !== null && query.data !== undefined,
    hasMore: false,
    loadMore: () => undefined,
    retry: () => void query.refetch(),
    // Never asked: it is no list of pages, and not offered as a file.
    question: { path: '/v1/subscriptions', input: {} },
  };
  return (
    <DataList
      label={t('tab-windows')}
      list={list}
      columns={columns}
      rowKey={windowKey}
      rowName={windowName}
      csv={false}
      actions={({ subscriptionId: id }) => [
        {
          label: t('changeSeats'),
          needs: 'POST /v1/orders',
          onClick: () =>
            void navigate({ to: '/subscriptions/$id', params: { id }, search: { drawer: 'seats' } }),
        },
      ]}
      empty={
        <Empty title={t('noWindows')} detail={t('noWindowsDetail')}>
          <PageLink to="/renewals">{t('toRenewals')}</PageLink>
        </Empty>
      }
    />
  );
}
