import { lazy, Suspense, useState, type ReactNode } from 'react';
import { MessageBar, MessageBarBody, MessageBarTitle, Title3 } from '@fluentui/react-components';
import { getRouteApi } from '@tanstack/react-router';
import { useList, useOne } from '../../data/queries.ts';
import { ContractDrawers } from '../../parts/contract/contract-drawers.tsx';
import { termOf, useContractActions, useContractTotals } from '../../parts/contract/contract-list.tsx';
import { dayOf, defaultFault, stateOf, type Contract } from '../../parts/contract/contract-values.ts';
import { ProblemMessage } from '../../parts/feedback/problem.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { Facts, Page } from '../../parts/show/page.tsx';
import { unread } from '../../parts/subscription/texts.ts';
import { SyncProgress, useSubscriptionSync } from '../../parts/sync/subscription-sync.tsx';
import { contracts as words } from '../../texts/contracts.ts';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts } from '../../texts/use-texts.ts';
import { contractPages } from './texts.ts';

// Below what is seen first.
const ContractSubscriptions = lazy(() => import('./contract-subscriptions.tsx'));
const History = lazy(() => import('../../parts/history/history.tsx'));

const route = getRouteApi('/contracts/$id');

/** One contract: its terms, whom it bills and for what; subscriptions are put under it here. */
export function ContractPage(): ReactNode {
  const { id } = route.useParams();
  const { drawer, runs } = route.useSearch();
  const navigate = route.useNavigate();
  const t = useTexts(contractPages);
  const say = useTexts(words);
  const asked = useOne('/v1/billing-contracts/{id}', { path: { id } }, { every: 30_000 });
  const contract = asked.data;
  const go = (some: Partial<ReturnType<typeof route.useSearch>>): void =>
    void navigate({ params: { id }, search: (before) => ({ ...before, ...some }) });
  const sync = useSubscriptionSync((started) => go({ runs: started }));
  const actionsFor = useContractActions({ open: (next) => go({ drawer: next }), sync: sync.start });

  if (!contract)
    return (
      <Page title={say('contract')}>
        <PageLink to="/contracts">{t('back')}</PageLink>
        <ProblemMessage error={asked.error} onRetry={() => void asked.refetch()} />
      </Page>
    );
  const { name, tenantAccountId } = contract;
  const actions = actionsFor(contract).filter(({ label }) => label !== say('sync'));
  return (
    <Page
      title={[...new Set([name, contract.tenantAccountName ?? tenantAccountId])].join(' · ')}
      actions={
        <>
          <ActionButton
            appearance="primary"
            needs="POST /v1/sync-runs"
            isBusy={sync.isStarting}
            onClick={() => sync.start({ name, billingContractId: id, tenantAccountId })}
          >
            {say('syncOne')}
          </ActionButton>
          {actions.map(({ label, needs, reason, onClick }) => (
            <ActionButton key={label} needs={needs} reason={reason} onClick={onClick}>
              {label}
            </ActionButton>
          ))}
        </>
      }
    >
      <PageLink to="/contracts">{t('back')}</PageLink>
      <ProblemMessage error={asked.error} onRetry={() => void asked.refetch()} />
      <SyncProgress runs={runs} onHide={() => go({ runs: undefined })} />
      <DefaultFault contract={contract} />
      <ContractFacts contract={contract} />
      <Title3 as="h2">{say('subscriptions')}</Title3>
      <Suspense fallback={null}>
        <ContractSubscriptions contract={contract} onChange={go} />
        <History thingType="billing-contract" thingId={id} />
      </Suspense>
      <ContractDrawers drawer={drawer} contractId={id} onClose={() => go({ drawer: undefined })} />
    </Page>
  );
}

function DefaultFault({ contract }: { contract: Contract }): ReactNode {
  const t = useTexts(contractPages);
  const fault = defaultFault(contract);
  if (!fault) return null;
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{t(fault === 'none' ? 'noDefaultTitle' : 'severalTitle')}</MessageBarTitle>
        {t(fault === 'none' ? 'noDefaultDetail' : 'severalDetail')}
      </MessageBarBody>
    </MessageBar>
  );
}

function ContractFacts({ contract }: { contract: Contract }): ReactNode {
  const { id, tenantAccountId, tenantAccountName, currency, isDefault, createdAt, createdBy } = contract;
  const t = useTexts(contractPages);
  const say = useTexts(words);
  const notRead = useTexts(unread);
  const common = useCommon();
  const format = formatOf(useLanguage());
  // Those of its customer that may belong to it, once they have been read.
  const accounts = useList('/v1/provider-accounts', { query: { tenantAccountId } });
  const unreadCount = accounts.rows.reduce((sum, { unreadSubscriptions }) => sum + unreadSubscriptions, 0);
  const [ids] = useState([id]);
  const total = useContractTotals(ids).get(id);
  const state = stateOf(contract, dayOf(new Date()));
  const monthly = total?.monthlyTotals.map((money) => format.money(money)) ?? [];
  const missing = total && total.withoutPrice > 0 ? [say('withoutPrice', { count: total.withoutPrice })] : [];
  return (
    <Facts
      facts={[
        { term: say('account'), value: [tenantAccountName, tenantAccountId].filter(Boolean).join(' · ') },
        { term: say('currency'), value: currency },
        {
          term: say('term'),
          value: (
            <>
              {termOf(contract, say, format.day)}{' '}
              {state === 'ended' && <StatusBadge tone="neutral">{say('ended')}</StatusBadge>}
              {state === 'to-begin' && <StatusBadge tone="busy">{say('begins')}</StatusBadge>}
            </>
          ),
        },
        {
          term: say('default'),
          value: isDefault ? <StatusBadge tone="good">{say('isDefault')}</StatusBadge> : say('notDefault'),
        },
        {
          term: say('subscriptions'),
          value: total ? format.number(total.subscriptions) : common('dash'),
        },
        {
          term: say('seats'),
          value: [
            total ? format.number(total.seats) : common('dash'),
            ...(unreadCount > 0 ? [notRead('notCounted', { count: unreadCount })] : []),
          ].join(' · '),
        },
        { term: say('monthly'), value: [...monthly, ...missing].join(' · ') || common('dash') },
        { term: t('madeBy'), value: t('madeByAt', { who: createdBy, at: format.moment(createdAt) }) },
      ]}
    />
  );
}
