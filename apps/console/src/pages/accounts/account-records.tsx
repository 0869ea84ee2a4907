import { lazy, Suspense, type ReactNode } from 'react';
import { Title3 } from '@fluentui/react-components';
import { useList } from '../../data/queries.ts';
import {
  contractKey,
  contractName,
  useContractActions,
  useContractColumns,
} from '../../parts/contract/contract-list.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { DataList, Empty } from '../../parts/list/list.tsx';
import { OrderList } from '../../parts/order/order-list.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { useSubscriptionColumns } from '../../parts/subscription/subscription-columns.tsx';
import { titleOf, type Subscription } from '../../parts/subscription/subscription.ts';
import { unread } from '../../parts/subscription/texts.ts';
import { useTexts } from '../../texts/use-texts.ts';
import type { Account } from './account.ts';
import { accounts } from './texts.ts';

// Seldom there are any.
const UnreadList = lazy(() => import('../../parts/subscription/unread-list.tsx'));

interface RecordsProps {
  account: Account;
  onMake: () => void;
  contracts: Parameters<typeof useContractActions>[0];
}

const subscriptionKey = ({ id }: Subscription): string => id;
const height = '24rem';
const soon = { every: 10_000 };

/** What there is of an account: contracts of the Work 365 account it is, subscriptions, and orders. */
export default function AccountRecords({ account, onMake, contracts }: RecordsProps): ReactNode {
  const { id, tenantAccountId } = account;
  const t = useTexts(accounts);
  const subscriptions = useList('/v1/subscriptions', { query: { providerAccountId: id } }, soon);
  const columns = useSubscriptionColumns('account');
  const notRead = useTexts(unread);
  return (
    <>
      <Title3 as="h2">{t('contractsTitle')}</Title3>
      {tenantAccountId ? (
        <Contracts tenantAccountId={tenantAccountId} onMake={onMake} commands={contracts} />
      ) : (
        <Empty title={t('noContracts')} detail={t('linkFirst')} />
      )}
      <Title3 as="h2">{t('subscriptionsTitle')}</Title3>
      <DataList
        label={t('subscriptionsTitle')}
        list={subscriptions}
        columns={columns}
        rowKey={subscriptionKey}
        rowName={titleOf}
        height={height}
        empty={<Empty title={t('noSubscriptions')} detail={t('noSubscriptionsDetail')} />}
      />
      <PageLink to="/subscriptions" search={{ account: id }}>
        {t('allOfIt')}
      </PageLink>
      {account.unreadSubscriptions > 0 && (
        <Suspense fallback={null}>
          <Title3 as="h2">{notRead('title')}</Title3>
          <UnreadList of={{ providerAccountId: id }} height={height} />
        </Suspense>
      )}
      <Title3 as="h2">{t('ordersTitle')}</Title3>
      <OrderList of={{ providerAccountId: id }} emptyDetail={t('noOrdersDetail')} />
    </>
  );
}

interface ContractsProps {
  tenantAccountId: string;
  onMake: () => void;
  commands: Parameters<typeof useContractActions>[0];
}

function Contracts({ tenantAccountId, onMake, commands }: ContractsProps): ReactNode {
  const t = useTexts(accounts);
  const list = useList('/v1/billing-contracts', { query: { tenantAccountId, limit: 100 } });
  const columns = useContractColumns(list.rows, { without: 'account' });
  const actions = useContractActions(commands);
  return (
    <DataList
      label={t('contractsTitle')}
      list={list}
      columns={columns}
      rowKey={contractKey}
      rowName={contractName}
      actions={actions}
      height={height}
      csv={false}
      empty={
        <Empty title={t('noContracts')} detail={t('noContractsDetail')}>
          <ActionButton needs="POST /v1/billing-contracts" onClick={onMake}>
            {t('makeContract')}
          </ActionButton>
        </Empty>
      }
    />
  );
}
