import { lazy, Suspense, useState, type ReactNode } from 'react';
import { getRouteApi } from '@tanstack/react-router';
import { useConnectors } from '../../data/connectors.ts';
import { useList } from '../../data/queries.ts';
import { ActionButton } from '../../parts/form/action-button.tsx';
import type { RowAction } from '../../parts/form/row-menu.tsx';
import { DayFilter, FilterBar, FilterTabs, SearchFilter, SelectFilter } from '../../parts/list/filters.tsx';
import { DataList, Empty } from '../../parts/list/list.tsx';
import { ButtonLink, PageLink } from '../../parts/show/links.tsx';
import { Page } from '../../parts/show/page.tsx';
import { useCommon, useTexts } from '../../texts/use-texts.ts';
import { useSubscriptionColumns } from '../../parts/subscription/subscription-columns.tsx';
import { hasEnded, titleOf, type Subscription } from '../../parts/subscription/subscription.ts';
import { filtersOf, subscriptionTabs } from './subscription-values.ts';
import { subscriptions } from '../../texts/subscriptions.ts';

const AssignDrawer = lazy(() => import('../../parts/subscription/assign-drawer.tsx'));
const UnreadList = lazy(() => import('../../parts/subscription/unread-list.tsx'));
const UnreadNote = lazy(() => import('../../parts/subscription/unread-note.tsx'));

const route = getRouteApi('/subscriptions');
const keyOf = ({ id }: Subscription): string => id;
const nameOf = (subscription: Subscription): string =>
  [titleOf(subscription), subscription.accountName].filter(Boolean).join(', ');
const noKeys: ReadonlySet<string> = new Set();

/** Subscriptions as they are agreed: product, customer, contract, seats, price, renewal. */
export function SubscriptionsPage(): ReactNode {
  const t = useTexts(subscriptions);
  const common = useCommon();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { chosen: connectorId } = useConnectors();
  const { tab = 'live' } = search;
  const [selected, setSelected] = useState(noKeys);
  const query = filtersOf({ ...search, tab, connectorId });
  const isUnread = tab === 'unread';
  const list = useList('/v1/subscriptions', { query }, { enabled: !isUnread });
  const columns = useSubscriptionColumns();
  const go = (some: Partial<typeof search>): void =>
    void navigate({ search: (before) => ({ ...before, ...some }) });
  const open = (id: string, drawer: 'seats' | 'cancel' | 'renew' | 'schedule' | 'edit'): void =>
    void navigate({ to: '/subscriptions/$id', params: { id }, search: { drawer } });
  const actionsFor = ({ id, autoRenew, ...row }: Subscription): RowAction[] => {
    const reason = hasEnded(row) ? t('hasEnded') : undefined;
    return [
      { label: t('changeSeats'), needs: 'POST /v1/orders', reason, onClick: () => open(id, 'seats') },
      {
        label: t(autoRenew ? 'turnRenewOff' : 'turnRenewOn'),
        needs: 'POST /v1/orders',
        reason,
        onClick: () => open(id, 'renew'),
      },
      {
        label: t('schedule'),
        needs: 'POST /v1/scheduled-changes',
        reason,
        onClick: () => open(id, 'schedule'),
      },
      { label: t('cancel'), needs: 'POST /v1/orders', reason, onClick: () => open(id, 'cancel') },
      { label: t('edit'), needs: 'PATCH /v1/subscriptions/{id}', onClick: () => open(id, 'edit') },
    ];
  };
  const isFiltered = Object.keys(query).length > 0;

  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      actions={
        <>
          <ActionButton
            needs="POST /v1/subscriptions/assignments"
            reason={selected.size === 0 ? t('selectFirst') : undefined}
            onClick={() => go({ drawer: 'assign' })}
          >
            {t('assign')}
          </ActionButton>
          <ButtonLink to="/buy" appearance="primary">
            {t('buy')}
          </ButtonLink>
        </>
      }
    >
      <FilterTabs
        label={t('tabs')}
        value={tab}
        tabs={subscriptionTabs.map((value) => ({ value, label: t(`tab-${value}`) }))}
        onChange={(value) => {
          setSelected(noKeys);
          go({ tab: value === 'live' ? undefined : value });
        }}
      />
      {isUnread ? (
        <Suspense fallback={null}>
          <UnreadList of={{ connectorId, providerAccountId: search.account }} />
        </Suspense>
      ) : (
        <>
          {tab !== 'ended' && (
            <Suspense fallback={null}>
              <UnreadNote connectorId={connectorId} />
            </Suspense>
          )}
          <FilterBar>
            <SearchFilter label={common('search')} value={search.q} onChange={(q) => go({ q })} />
            <SelectFilter
              label={t('sort')}
              value={search.sort}
              any={common('default')}
              options={[
                { value: 'name', label: common('name') },
                { value: 'renewalDate', label: t('renewalOrEnd') },
              ]}
              onChange={(sort) => go({ sort })}
            />
            <DayFilter label={t('renewsFrom')} value={search.from} onChange={(from) => go({ from })} />
            <DayFilter label={t('renewsTo')} value={search.to} onChange={(to) => go({ to })} />
          </FilterBar>
          <DataList
            label={t('title')}
            list={list}
            columns={columns}
            rowKey={keyOf}
            rowName={nameOf}
            actions={actionsFor}
            selection={{ keys: selected, onChange: setSelected }}
            empty={
              isFiltered ? (
                <Empty title={t('noneTitle')} detail={t('noneDetail')}>
                  <PageLink to="/subscriptions">{t('showAll')}</PageLink>
                </Empty>
              ) : (
                <Empty title={t('emptyTitle')} detail={t('emptyDetail')}>
                  <PageLink to="/accounts">{t('toAccounts')}</PageLink>
                </Empty>
              )
            }
          />
        </>
      )}
      <Suspense fallback={null}>
        {search.drawer === 'assign' && (
          <AssignDrawer
            subscriptions={list.rows.filter(({ id }) => selected.has(id))}
            onClose={() => go({ drawer: undefined })}
          />
        )}
      </Suspense>
    </Page>
  );
}
