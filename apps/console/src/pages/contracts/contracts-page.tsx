import { lazy, Suspense, useMemo, type ReactNode } from 'react';
import { MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import type { Operation, Row } from '@isthmus/sdk';
import { getRouteApi } from '@tanstack/react-router';
import { useList, useOne } from '../../data/queries.ts';
import { ContractDrawers } from '../../parts/contract/contract-drawers.tsx';
import {
  contractKey,
  contractName,
  useContractActions,
  useContractColumns,
} from '../../parts/contract/contract-list.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { FilterBar, FilterTabs, SearchFilter } from '../../parts/list/filters.tsx';
import { DataList, Empty, type Column } from '../../parts/list/list.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { Page } from '../../parts/show/page.tsx';
import { SyncProgress, useSubscriptionSync } from '../../parts/sync/subscription-sync.tsx';
import { contracts as words } from '../../texts/contracts.ts';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts } from '../../texts/use-texts.ts';
import { contractTabs } from './route.ts';
import { contractPages } from './texts.ts';

type Account = Row<Operation<'get', '/v1/provider-accounts'>>;

const UnreadNote = lazy(() => import('../../parts/subscription/unread-note.tsx'));

const route = getRouteApi('/contracts');
const nothing = {};
/** As many as their totals are asked for at once. */
const limit = 100;
const filters = {
  current: { ended: 'exclude' },
  'default-unclear': { clearDefault: false },
  ended: { ended: 'only' },
} as const;

/** Billing contracts: whose, on which terms, how much per month; and the accounts that have none. */
export function ContractsPage(): ReactNode {
  const t = useTexts(contractPages);
  const say = useTexts(words);
  const common = useCommon();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { tab = 'current', q, drawer, contract, tenant, runs } = search;
  const go = (some: Partial<typeof search>): void =>
    void navigate({ search: (before) => ({ ...before, ...some }) });
  const list = useList('/v1/billing-contracts', { query: { ...filters[tab], ...(q && { q }), limit } });
  const columns = useContractColumns(list.rows);
  const sync = useSubscriptionSync((started) => go({ runs: started }));
  const actions = useContractActions({
    open: (next, { id }) => go({ drawer: next, contract: id }),
    sync: sync.start,
  });

  return (
    <Page
      title={say('title')}
      lead={say('lead')}
      actions={
        <ActionButton
          appearance="primary"
          needs="POST /v1/billing-contracts"
          onClick={() => go({ drawer: 'make-contract', tenant: undefined })}
        >
          {say('make')}
        </ActionButton>
      }
    >
      <SyncProgress runs={runs} onHide={() => go({ runs: undefined })} />
      <WithoutContract
        onMake={(tenantAccountId) => go({ drawer: 'make-contract', tenant: tenantAccountId })}
      />
      <FilterTabs
        label={t('tabs')}
        value={tab}
        tabs={contractTabs.map((value) => ({ value, label: t(`tab-${value}`) }))}
        onChange={(value) => go({ tab: value === 'current' ? undefined : value })}
      />
      <FilterBar>
        <SearchFilter label={common('search')} value={q} onChange={(value) => go({ q: value })} />
      </FilterBar>
      {tab !== 'ended' && (
        <Suspense fallback={null}>
          <UnreadNote connectorId={undefined} />
        </Suspense>
      )}
      <DataList
        label={say('title')}
        list={list}
        columns={columns}
        rowKey={contractKey}
        rowName={contractName}
        actions={actions}
        marked={contract}
        csv={false}
        empty={
          tab === 'current' && !q ? (
            <Empty title={t('emptyTitle')} detail={t('emptyDetail')}>
              <PageLink to="/accounts" search={{ tab: 'no-contract' }}>
                {t('toAccounts')}
              </PageLink>
            </Empty>
          ) : (
            <Empty title={t('noneTitle')} detail={t('noneDetail')}>
              <PageLink to="/contracts">{t('showAll')}</PageLink>
            </Empty>
          )
        }
      />
      <ContractDrawers
        drawer={drawer}
        contractId={contract}
        tenantAccountId={tenant}
        onClose={() => go({ drawer: undefined, contract: undefined, tenant: undefined })}
      />
    </Page>
  );
}

const accountKey = ({ id }: Account): string => id;
const accountName = ({ name }: Account): string => name;

/** Accounts that are linked and that nothing can be billed of yet; nothing when there are none. */
function WithoutContract({ onMake }: { onMake: (tenantAccountId: string) => void }): ReactNode {
  const t = useTexts(contractPages);
  const say = useTexts(words);
  const language = useLanguage();
  const { data: counts } = useOne('/v1/provider-accounts/counts', nothing);
  const count = counts?.withoutContract ?? 0;
  const list = useList(
    '/v1/provider-accounts',
    { query: { linked: true, hasContract: false, limit: 50 } },
    { enabled: count > 0 },
  );
  const columns = useMemo<Column<Account>[]>(() => {
    const format = formatOf(language);
    return [
      {
        id: 'name',
        header: t('account'),
        cell: ({ id, name }) => (
          <PageLink to="/accounts/$id" params={{ id }}>
            {name}
          </PageLink>
        ),
      },
      {
        id: 'linkedTo',
        header: t('linkedTo'),
        cell: ({ tenantAccountName, tenantAccountId }) => tenantAccountName ?? tenantAccountId,
      },
      {
        id: 'subscriptions',
        header: t('subscriptions'),
        isNumber: true,
        width: '7rem',
        cell: ({ liveSubscriptions }) => format.number(liveSubscriptions),
      },
      {
        id: 'make',
        header: say('contract'),
        width: '11rem',
        cell: ({ name, tenantAccountId }) => (
          <ActionButton
            needs="POST /v1/billing-contracts"
            label={say('makeFor', { name })}
            onClick={() => onMake(tenantAccountId!)}
          >
            {t('make')}
          </ActionButton>
        ),
      },
    ];
    // eslint-disable-next-line react-hooks/exhaustive-deps -- onMake only writes the address, whichever drawing made it
  }, [t, say, language]);
  if (count === 0) return null;
  return (
    <>
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{t('missingTitle', { count })}</MessageBarTitle>
          {t('missingDetail')}
        </MessageBarBody>
      </MessageBar>
      <DataList
        label={t('missing')}
        list={list}
        columns={columns}
        rowKey={accountKey}
        rowName={accountName}
        height="12rem"
        csv={false}
        empty={null}
      />
    </>
  );
}
