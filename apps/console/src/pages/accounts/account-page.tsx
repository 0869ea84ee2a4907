import { lazy, Suspense, type ReactNode } from 'react';
import { MessageBar, MessageBarBody, Text } from '@fluentui/react-components';
import { getRouteApi } from '@tanstack/react-router';
import { useCommand, useOne } from '../../data/queries.ts';
import { ContractDrawers } from '../../parts/contract/contract-drawers.tsx';
import { Confirm } from '../../parts/feedback/confirm.tsx';
import { ProblemMessage } from '../../parts/feedback/problem.tsx';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { Page } from '../../parts/show/page.tsx';
import { SyncProgress, useSubscriptionSync } from '../../parts/sync/subscription-sync.tsx';
import { formatOf } from '../../texts/format.ts';
import { useLanguage, useTexts } from '../../texts/use-texts.ts';
import { AccountSides } from './account-sides.tsx';
import type { Account } from './account.ts';
import { accounts } from './texts.ts';

// Below what is seen first.
const AccountRecords = lazy(() => import('./account-records.tsx'));
const History = lazy(() => import('../../parts/history/history.tsx'));
const LinkDrawer = lazy(() => import('./drawers/link-drawer.tsx'));
const DomainDrawer = lazy(() => import('./drawers/domain-drawer.tsx'));

const route = getRouteApi('/accounts/$id');
type Search = ReturnType<typeof route.useSearch>;

/** One customer: both sides of it, what it is billed under, what it has, what was ordered, and what happened. */
export function AccountPage(): ReactNode {
  const { id } = route.useParams();
  const { drawer, contract, runs } = route.useSearch();
  const navigate = route.useNavigate();
  const t = useTexts(accounts);
  const format = formatOf(useLanguage());
  const asked = useOne('/v1/provider-accounts/{id}', { path: { id } }, { every: 30_000 });
  const account = asked.data;
  const go = (some: Partial<Search>): void =>
    void navigate({ params: { id }, search: (before) => ({ ...before, ...some }) });
  const close = (): void => go({ drawer: undefined, contract: undefined });
  const reading = useSubscriptionSync((started) => go({ runs: started }));

  if (!account)
    return (
      <Page title={t('account')}>
        <PageLink to="/accounts">{t('back')}</PageLink>
        <ProblemMessage error={asked.error} onRetry={() => void asked.refetch()} />
      </Page>
    );
  return (
    <Page
      title={account.name}
      actions={
        <Actions account={account} isStarting={reading.isStarting} onSync={reading.start} onOpen={go} />
      }
    >
      <PageLink to="/accounts">{t('back')}</PageLink>
      <ProblemMessage error={asked.error} onRetry={() => void asked.refetch()} />
      {account.goneAt && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{t('closedAt', { at: format.moment(account.goneAt) })}</MessageBarBody>
        </MessageBar>
      )}
      <SyncProgress runs={runs} onHide={() => go({ runs: undefined })} />
      <AccountSides account={account} onLink={() => go({ drawer: 'link' })} />
      <Suspense fallback={null}>
        <AccountRecords
          account={account}
          onMake={() => go({ drawer: 'make-contract' })}
          contracts={{
            open: (next, { id: contractId }) => go({ drawer: next, contract: contractId }),
            sync: reading.start,
          }}
        />
        <History thingType="provider-account" thingId={id} />
      </Suspense>
      <Suspense fallback={null}>
        {drawer === 'link' && <LinkDrawer account={account} onClose={close} />}
        {drawer === 'domain' && <DomainDrawer account={account} onClose={close} />}
      </Suspense>
      <Unlink account={account} isOpen={drawer === 'unlink'} onClose={close} />
      <ContractDrawers
        drawer={account.tenantAccountId || drawer !== 'make-contract' ? drawer : undefined}
        contractId={contract}
        tenantAccountId={account.tenantAccountId ?? undefined}
        onClose={close}
      />
    </Page>
  );
}

interface ActionsProps {
  account: Account;
  isStarting: boolean;
  onSync: ReturnType<typeof useSubscriptionSync>['start'];
  onOpen: (some: Partial<Search>) => void;
}

function Actions({ account, isStarting, onSync, onOpen }: ActionsProps): ReactNode {
  const { id, name, version, connectorId, syncEnabled, tenantAccountId, goneAt } = account;
  const navigate = route.useNavigate();
  /** The button of the next step is the one that stands out. */
  const next = !tenantAccountId ? 'link' : account.billingContracts === 0 ? 'contract' : 'sync';
  const look = (step: typeof next): 'primary' | 'secondary' => (step === next ? 'primary' : 'secondary');
  const t = useTexts(accounts);
  const format = formatOf(useLanguage());
  const tell = useToast();
  const change = useCommand('patch', '/v1/provider-accounts/{id}', { changes: ['/v1/provider-accounts'] });
  const toggleSync = (): void =>
    change.mutate(
      { path: { id }, version, body: { syncEnabled: !syncEnabled } },
      {
        onSuccess: () => tell({ title: t(syncEnabled ? 'syncIsNowOff' : 'syncIsNowOn', { name }) }),
        onError: (error) => tell({ title: name, detail: error.message, intent: 'error' }),
      },
    );
  const cannotSync = goneAt
    ? t('closedAt', { at: format.moment(goneAt) })
    : syncEnabled
      ? undefined
      : t('syncIsOff');
  return (
    <>
      <ActionButton
        appearance={look('sync')}
        needs="POST /v1/sync-runs"
        reason={cannotSync}
        isBusy={isStarting}
        onClick={() => onSync({ name, providerAccountId: id, connectorId })}
      >
        {t('syncSubscriptions')}
      </ActionButton>
      <ActionButton
        appearance={look('contract')}
        needs="POST /v1/billing-contracts"
        reason={tenantAccountId ? undefined : t('linkFirst')}
        onClick={() => onOpen({ drawer: 'make-contract' })}
      >
        {t('makeContract')}
      </ActionButton>
      <ActionButton
        needs="POST /v1/orders"
        reason={goneAt ? t('closedAt', { at: format.moment(goneAt) }) : undefined}
        onClick={() => void navigate({ to: '/buy', search: { account: id } })}
      >
        {t('buy')}
      </ActionButton>
      <ActionButton
        appearance={look('link')}
        needs="PUT /v1/provider-accounts/{id}/link"
        onClick={() => onOpen({ drawer: 'link' })}
      >
        {t(tenantAccountId ? 'linkAgain' : 'link')}
      </ActionButton>
      <ActionButton
        needs="DELETE /v1/provider-accounts/{id}/link"
        reason={tenantAccountId ? undefined : t('notLinked')}
        onClick={() => onOpen({ drawer: 'unlink' })}
      >
        {t('unlink')}
      </ActionButton>
      <ActionButton needs="PATCH /v1/provider-accounts/{id}" onClick={() => onOpen({ drawer: 'domain' })}>
        {t('editDomain')}
      </ActionButton>
      <ActionButton needs="PATCH /v1/provider-accounts/{id}" isBusy={change.isPending} onClick={toggleSync}>
        {t(syncEnabled ? 'turnSyncOff' : 'turnSyncOn')}
      </ActionButton>
    </>
  );
}

interface UnlinkProps {
  account: Account;
  isOpen: boolean;
  onClose: () => void;
}

function Unlink({ account: { id, name }, isOpen, onClose }: UnlinkProps): ReactNode {
  const t = useTexts(accounts);
  const tell = useToast();
  const unlink = useCommand('delete', '/v1/provider-accounts/{id}/link', {
    changes: ['/v1/provider-accounts', '/v1/tenant-accounts', '/v1/events', '/v1/audit'],
  });
  const leave = (): void => {
    unlink.reset();
    onClose();
  };
  return (
    <Confirm
      open={isOpen}
      title={t('unlinkTitle', { name })}
      deed={t('unlink')}
      needs="DELETE /v1/provider-accounts/{id}/link"
      isBusy={unlink.isPending}
      error={unlink.error}
      onConfirm={() =>
        unlink.mutate(
          { path: { id } },
          {
            onSuccess: () => {
              leave();
              tell({ title: t('unlinked', { name }) });
            },
          },
        )
      }
      onClose={leave}
    >
      <Text>{t('unlinkDetail')}</Text>
    </Confirm>
  );
}
