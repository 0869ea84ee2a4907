import { lazy, Suspense, useMemo, useState, type ReactNode } from 'react';
import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { getRouteApi } from '@tanstack/react-router';
import { useConnectors } from '../../data/connectors.ts';
import { useCommand, useList, useOne } from '../../data/queries.ts';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { ContractDrawers } from '../../parts/contract/contract-drawers.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import type { RowAction } from '../../parts/form/row-menu.tsx';
import { FilterBar, FilterTabs, SearchFilter, SelectFilter } from '../../parts/list/filters.tsx';
import { DataList, Empty, type Column } from '../../parts/list/list.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { Page } from '../../parts/show/page.tsx';
import { SyncProgress, useSubscriptionSync } from '../../parts/sync/subscription-sync.tsx';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts } from '../../texts/use-texts.ts';
import { Domain } from './account-sides.tsx';
import { filtersOf, type Account } from './account.ts';
import { accountTabs } from './route.ts';
import { accounts } from './texts.ts';

const LinkDrawer = lazy(() => import('./drawers/link-drawer.tsx'));
const DomainDrawer = lazy(() => import('./drawers/domain-drawer.tsx'));
const LinkManyDrawer = lazy(() => import('./drawers/link-many-drawer.tsx'));
const ImportDrawer = lazy(() => import('./drawers/import-drawer.tsx'));

const route = getRouteApi('/accounts');
const keyOf = ({ id }: Account): string => id;
const nameOf = ({ name }: Account): string => name;
const nothing = {};
const noKeys: ReadonlySet<string> = new Set();

const useStyles = makeStyles({
  cell: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'start' },
});

/** CMP's customers: which Work 365 account each is, its domain, and what waits for somebody. */
export function AccountsPage(): ReactNode {
  const t = useTexts(accounts);
  const common = useCommon();
  const styles = useStyles();
  const format = formatOf(useLanguage());
  const tell = useToast();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { chosen: connectorId, connectors, nameOf: connectorName } = useConnectors();
  const { tab = 'all', q, sync, ended } = search;
  const [selected, setSelected] = useState(noKeys);

  const list = useList('/v1/provider-accounts', { query: filtersOf({ tab, q, sync, ended, connectorId }) });
  const { data: counts } = useOne('/v1/provider-accounts/counts', nothing);
  const changes = { changes: ['/v1/provider-accounts'] };
  const change = useCommand('patch', '/v1/provider-accounts/{id}', changes);
  const unlink = useCommand('delete', '/v1/provider-accounts/{id}/link', changes);

  const go = (some: Partial<typeof search>): void =>
    void navigate({ search: (before) => ({ ...before, ...some }) });
  const close = (): void => go({ drawer: undefined, account: undefined });
  const reading = useSubscriptionSync((runs) => go({ runs }));
  const failed = (name: string) => (error: Error) =>
    tell({ title: name, detail: error.message, intent: 'error' });

  const actionsFor = (account: Account): RowAction[] => {
    const { id, name, version, syncEnabled, tenantAccountId } = account;
    return [
      {
        label: t(tenantAccountId ? 'linkAgain' : 'link'),
        needs: 'PUT /v1/provider-accounts/{id}/link',
        onClick: () => go({ drawer: 'link', account: id }),
      },
      {
        label: t('unlink'),
        needs: 'DELETE /v1/provider-accounts/{id}/link',
        reason: tenantAccountId ? undefined : t('notLinked'),
        onClick: () =>
          unlink.mutate(
            { path: { id } },
            { onSuccess: () => tell({ title: t('unlinked', { name }) }), onError: failed(name) },
          ),
      },
      {
        label: t('makeContract'),
        needs: 'POST /v1/billing-contracts',
        reason: tenantAccountId ? undefined : t('linkFirst'),
        onClick: () => go({ drawer: 'make-contract', account: id }),
      },
      {
        label: t('editDomain'),
        needs: 'PATCH /v1/provider-accounts/{id}',
        onClick: () => go({ drawer: 'domain', account: id }),
      },
      {
        label: t(syncEnabled ? 'turnSyncOff' : 'turnSyncOn'),
        needs: 'PATCH /v1/provider-accounts/{id}',
        onClick: () =>
          change.mutate(
            { path: { id }, version, body: { syncEnabled: !syncEnabled } },
            {
              onSuccess: () => tell({ title: t(syncEnabled ? 'syncIsNowOff' : 'syncIsNowOn', { name }) }),
              onError: failed(name),
            },
          ),
      },
      {
        label: t('syncSubscriptions'),
        needs: 'POST /v1/sync-runs',
        reason: syncEnabled ? undefined : t('syncIsOff'),
        onClick: () => reading.start({ name, providerAccountId: id, connectorId: account.connectorId }),
      },
    ];
  };

  const columns = useMemo<Column<Account>[]>(
    () => [
      {
        id: 'name',
        header: t('account'),
        width: '16rem',
        cell: ({ id, name, goneAt, syncEnabled }) => (
          <span className={styles.cell}>
            <PageLink to="/accounts/$id" params={{ id }}>
              {name}
            </PageLink>
            {goneAt && <StatusBadge tone="neutral">{t('closed')}</StatusBadge>}
            {!syncEnabled && <StatusBadge tone="warning">{t('syncOff')}</StatusBadge>}
          </span>
        ),
      },
      { id: 'number', header: t('number'), cell: ({ cmpAccountId }) => cmpAccountId, width: '7rem' },
      ...(connectors.length > 1
        ? [
            {
              id: 'connector',
              header: common('connector'),
              cell: (row: Account) => connectorName(row.connectorId),
            },
          ]
        : []),
      {
        id: 'linkedTo',
        header: t('linkedTo'),
        cell: (row) => row.tenantAccountName ?? row.tenantAccountId ?? common('dash'),
      },
      { id: 'domain', header: t('domain'), cell: (row) => <Domain account={row} /> },
      {
        id: 'subscriptions',
        header: t('subscriptions'),
        cell: ({ liveSubscriptions }) => format.number(liveSubscriptions),
        isNumber: true,
        width: '7rem',
      },
      {
        id: 'seats',
        header: t('seats'),
        cell: ({ seats, unreadSubscriptions: count }) => (
          <>
            {format.number(seats)}
            {count > 0 && (
              <Text size={200} block align="end">
                {t('notRead', { count })}
              </Text>
            )}
          </>
        ),
        isNumber: true,
        width: '6rem',
      },
      {
        id: 'contracts',
        header: t('contracts'),
        cell: ({ billingContracts }) => format.number(billingContracts),
        isNumber: true,
        width: '6rem',
      },
      { id: 'asOf', header: t('asOf'), cell: ({ asOf }) => format.ago(asOf), width: '8rem' },
    ],
    [t, common, styles, format, connectors.length, connectorName],
  );

  const countOf: Partial<Record<(typeof accountTabs)[number], number>> = counts
    ? {
        all: counts.all,
        unlinked: counts.unlinked,
        'no-contract': counts.withoutContract,
        'domain-missing': counts.domainMissing,
        'domain-conflict': counts.domainConflict,
      }
    : {};
  const isFiltered = tab !== 'all' || Boolean(q ?? sync ?? connectorId);
  const chosen = list.rows.find(({ id }) => id === search.account);

  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      actions={
        <>
          <ActionButton needs="POST /v1/tenant-accounts/import" onClick={() => go({ drawer: 'import' })}>
            {t('import')}
          </ActionButton>
          <ActionButton needs="POST /v1/provider-accounts/links" onClick={() => go({ drawer: 'link-many' })}>
            {t('linkMany')}
          </ActionButton>
        </>
      }
    >
      <SyncProgress runs={search.runs} onHide={() => go({ runs: undefined })} />
      <FilterTabs
        label={t('tabs')}
        value={tab}
        tabs={accountTabs.map((value) => ({ value, label: t(`tab-${value}`), count: countOf[value] }))}
        onChange={(value) => {
          setSelected(noKeys);
          go({ tab: value === 'all' ? undefined : value });
        }}
      />
      <FilterBar>
        <SearchFilter label={common('search')} value={q} onChange={(value) => go({ q: value })} />
        <SelectFilter
          label={t('sync')}
          value={sync}
          options={[
            { value: 'on', label: t('sync-on') },
            { value: 'off', label: t('sync-off') },
          ]}
          onChange={(value) => go({ sync: value })}
        />
        <SelectFilter
          label={t('ended')}
          value={ended}
          options={[
            { value: 'include', label: t('ended-include') },
            { value: 'only', label: t('ended-only') },
          ]}
          onChange={(value) => go({ ended: value })}
        />
      </FilterBar>
      <DataList
        label={t('title')}
        list={list}
        columns={columns}
        rowKey={keyOf}
        rowName={nameOf}
        actions={actionsFor}
        selection={{ keys: selected, onChange: setSelected }}
        marked={search.account}
        empty={
          isFiltered ? (
            <Empty title={t('noneTitle')} detail={t('noneDetail')} />
          ) : (
            <Empty title={t('emptyTitle')} detail={t('emptyDetail')}>
              <PageLink to="/admin/hub/integrations">{t('toIntegrations')}</PageLink>
            </Empty>
          )
        }
      />
      <Suspense fallback={null}>
        {chosen && search.drawer === 'link' && <LinkDrawer account={chosen} onClose={close} />}
        {chosen && search.drawer === 'domain' && <DomainDrawer account={chosen} onClose={close} />}
        {search.drawer === 'import' && <ImportDrawer onClose={close} />}
        {search.drawer === 'link-many' && (
          <LinkManyDrawer
            accounts={list.rows}
            selected={selected}
            connectorId={connectorId}
            onClose={close}
          />
        )}
      </Suspense>
      {chosen?.tenantAccountId && (
        <ContractDrawers
          drawer={search.drawer}
          contractId={undefined}
          tenantAccountId={chosen.tenantAccountId}
          onClose={close}
        />
      )}
    </Page>
  );
}
