import { lazy, Suspense, useState, type ReactNode } from 'react';
import { Title3 } from '@fluentui/react-components';
import { getRouteApi } from '@tanstack/react-router';
import { useList } from '../../data/queries.ts';
import type { Contract } from '../../parts/contract/contract-values.ts';
import { ProblemMessage } from '../../parts/feedback/problem.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { FilterBar, FilterTabs, SelectFilter } from '../../parts/list/filters.tsx';
import { DataList, Empty } from '../../parts/list/list.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { Facts } from '../../parts/show/page.tsx';
import { useSubscriptionColumns } from '../../parts/subscription/subscription-columns.tsx';
import { titleOf, type Subscription } from '../../parts/subscription/subscription.ts';
import { contracts as words } from '../../texts/contracts.ts';
import { useTexts } from '../../texts/use-texts.ts';
import { subscriptionViews } from './route.ts';
import { contractPages } from './texts.ts';

const AssignDrawer = lazy(() => import('../../parts/subscription/assign-drawer.tsx'));

const route = getRouteApi('/contracts/$id');
const noKeys: ReadonlySet<string> = new Set();
const rowKey = ({ id }: Subscription): string => id;

interface Props {
  contract: Contract;
  onChange: (some: Partial<ReturnType<typeof route.useSearch>>) => void;
}

/** What is under the contract, and what could be: selected, or all without one, they are assigned. */
export default function ContractSubscriptions({ contract, onChange }: Props): ReactNode {
  const { id, tenantAccountId } = contract;
  const { view = 'assigned', account, drawer } = route.useSearch();
  const t = useTexts(contractPages);
  const say = useTexts(words);
  const [selected, setSelected] = useState(noKeys);
  const accounts = useList('/v1/provider-accounts', { query: { tenantAccountId } });
  const whose = accounts.rows.find((one) => one.id === account) ?? accounts.rows[0];
  const list = useList(
    '/v1/subscriptions',
    {
      query:
        view === 'assigned'
          ? { billingContractId: id }
          : {
              ...(whose && { providerAccountId: whose.id }),
              ...(view === 'unassigned' && { assigned: 'false' }),
            },
    },
    { enabled: view === 'assigned' || whose !== undefined, every: 10_000 },
  );
  const columns = useSubscriptionColumns(view === 'assigned' ? 'contract' : 'account');
  const choose = (some: Parameters<typeof onChange>[0]): void => {
    setSelected(noKeys);
    onChange(some);
  };
  const chosen = list.rows.filter((row) => selected.has(row.id));

  return (
    <>
      <FilterTabs
        label={t('views')}
        value={view}
        tabs={subscriptionViews.map((value) => ({ value, label: t(`view-${value}`) }))}
        onChange={(value) => choose({ view: value === 'assigned' ? undefined : value })}
      />
      <FilterBar>
        {view !== 'assigned' && accounts.rows.length > 1 && (
          <SelectFilter
            label={t('whose')}
            value={whose?.id}
            options={accounts.rows.map(({ id: value, name, cmpAccountId }) => ({
              value,
              label: `${name} · ${cmpAccountId}`,
            }))}
            onChange={(value) => choose({ account: value })}
          />
        )}
        <ActionButton
          needs="POST /v1/subscriptions/assignments"
          reason={chosen.length === 0 && !whose ? t('nothingToAssign') : undefined}
          onClick={() => onChange({ drawer: 'assign' })}
        >
          {say('assign')}
        </ActionButton>
      </FilterBar>
      <DataList
        label={say('subscriptions')}
        list={list}
        columns={columns}
        rowKey={rowKey}
        rowName={titleOf}
        selection={{ keys: selected, onChange: setSelected }}
        height="28rem"
        empty={<Empty title={t('noSubscriptions')} detail={t('noSubscriptionsDetail')} />}
      />
      <Title3 as="h2">{t('accounts')}</Title3>
      {accounts.rows.length === 0 && !accounts.isLoading ? (
        <Empty title={t('noAccounts')} detail={t('noAccountsDetail')} />
      ) : (
        <Facts
          facts={accounts.rows.map((one) => ({
            term: one.cmpAccountId,
            value: (
              <PageLink to="/accounts/$id" params={{ id: one.id }}>
                {one.name}
              </PageLink>
            ),
          }))}
        />
      )}
      <ProblemMessage error={accounts.error} onRetry={accounts.retry} />
      <Suspense fallback={null}>
        {drawer === 'assign' && (
          <AssignDrawer
            subscriptions={chosen}
            {...(whose && {
              all: {
                label: t('assignAll', { name: whose.name }),
                filter: { providerAccountId: whose.id, assigned: 'false' },
              },
            })}
            contractId={id}
            tenantAccountId={tenantAccountId}
            onClose={() => {
              setSelected(noKeys);
              onChange({ drawer: undefined });
            }}
          />
        )}
      </Suspense>
    </>
  );
}
