import { lazy, Suspense, type ReactNode } from 'react';
import { Text } from '@fluentui/react-components';
import type { Order } from '@isthmus/sdk';
import { getRouteApi } from '@tanstack/react-router';
import { useCommand } from '../../data/queries.ts';
import { useMe } from '../../data/session.tsx';
import { Confirm } from '../../parts/feedback/confirm.tsx';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { useOrderWords } from '../../parts/order/order-words.tsx';
import { formatOf } from '../../texts/format.ts';
import { orderWords } from '../../texts/orders.ts';
import { useLanguage, useTexts } from '../../texts/use-texts.ts';
import { orders } from './texts.ts';

const ResolveDrawer = lazy(() => import('./resolve-drawer.tsx'));
const DeclineDrawer = lazy(() => import('./decline-drawer.tsx'));

const route = getRouteApi('/orders/$id');
const changes = { changes: ['/v1/orders', '/v1/subscriptions', '/v1/renewals'] };
/** CMP has not completed it, or a person has to decide about it anyway. */
const withdrawable: readonly Order['status'][] = [
  'planned',
  'awaiting-approval',
  'sending',
  'unknown',
  'accepted',
  'scheduled',
  'needs-attention',
];

interface OrderActionsProps {
  order: Order;
}

/** What a person can do about an order as it is; what cannot be done now is there, disabled, with the reason. */
export function OrderActions({ order }: OrderActionsProps): ReactNode {
  const { id, status, approval, withdrawRequested } = order;
  const t = useTexts(orders);
  const { sub } = useMe();
  const navigate = route.useNavigate();
  const open = (drawer: 'resolve' | 'decline' | 'withdraw' | 'retry' | 'approve'): void =>
    void navigate({ params: { id }, search: (before) => ({ ...before, drawer }) });
  const isHeld = status === 'awaiting-approval';
  const needsSomebody = status === 'needs-attention' || status === 'completed-not-effective';
  const cannotWithdraw = withdrawRequested
    ? t('withdrawAsked')
    : withdrawable.includes(status)
      ? undefined
      : t(status === 'proving' ? 'completedAlready' : 'hasEnded');
  return (
    <>
      {isHeld && (
        <>
          <ActionButton
            appearance="primary"
            needs="POST /v1/orders/{id}/approve"
            reason={approval?.requestedBy === sub ? t('ownOrder') : undefined}
            onClick={() => open('approve')}
          >
            {t('approve')}
          </ActionButton>
          <ActionButton needs="POST /v1/orders/{id}/reject" onClick={() => open('decline')}>
            {t('decline')}
          </ActionButton>
        </>
      )}
      {needsSomebody && (
        <ActionButton
          appearance="primary"
          needs="POST /v1/orders/{id}/resolve"
          onClick={() => open('resolve')}
        >
          {t('resolve')}
        </ActionButton>
      )}
      <ActionButton
        needs="POST /v1/orders/{id}/retry"
        reason={status === 'needs-attention' ? undefined : t('onlyAttention')}
        onClick={() => open('retry')}
      >
        {t('retry')}
      </ActionButton>
      <ActionButton
        needs="POST /v1/orders/{id}/withdraw"
        reason={cannotWithdraw}
        onClick={() => open('withdraw')}
      >
        {t('withdraw')}
      </ActionButton>
    </>
  );
}

/** What `OrderActions` opens: it is asked again, with what happens, before anything is done. */
export function OrderDialogs({ order }: OrderActionsProps): ReactNode {
  const { id, approval, requestedBy, productName, mpn, accountName, cmpAccountId, total } = order;
  const t = useTexts(orders);
  const say = useTexts(orderWords);
  const tell = useToast();
  const words = useOrderWords();
  const format = formatOf(useLanguage());
  const { drawer } = route.useSearch();
  const navigate = route.useNavigate();
  const withdraw = useCommand('post', '/v1/orders/{id}/withdraw', changes);
  const retry = useCommand('post', '/v1/orders/{id}/retry', changes);
  const approve = useCommand('post', '/v1/orders/{id}/approve', changes);
  const close = (): void =>
    void navigate({ params: { id }, search: (before) => ({ ...before, drawer: undefined }) });
  const done = (title: string) => ({
    onSuccess: () => {
      close();
      tell({ title });
    },
  });
  return (
    <>
      <Confirm
        open={drawer === 'withdraw'}
        title={t('withdrawTitle')}
        deed={t('withdraw')}
        keep={say('keepIt')}
        needs="POST /v1/orders/{id}/withdraw"
        isBusy={withdraw.isPending}
        error={withdraw.error}
        onConfirm={() => withdraw.mutate({ path: { id } }, done(t('withdrawDone')))}
        onClose={close}
      >
        <Text>{t(order.attempts > 0 ? 'withdrawSent' : 'withdrawUnsent')}</Text>
      </Confirm>
      <Confirm
        open={drawer === 'retry'}
        title={t('retryTitle')}
        deed={t('retry')}
        needs="POST /v1/orders/{id}/retry"
        isBusy={retry.isPending}
        error={retry.error}
        onConfirm={() => retry.mutate({ path: { id } }, done(t('retryDone')))}
        onClose={close}
      >
        <Text>{t('retryDetail', { marker: order.marker })}</Text>
      </Confirm>
      <Confirm
        open={drawer === 'approve' && approval !== null}
        title={t('approveTitle')}
        deed={t('approve')}
        needs="POST /v1/orders/{id}/approve"
        isBusy={approve.isPending}
        error={approve.error}
        onConfirm={() =>
          approve.mutate({ path: { id }, body: { hash: approval?.hash ?? '' } }, done(t('approveDone')))
        }
        onClose={close}
      >
        <Text>
          {t('approveDetail', {
            what: words.deed(order),
            product: productName ?? mpn ?? '',
            account: accountName ?? cmpAccountId,
            total: format.money(total),
            who: requestedBy,
          })}
        </Text>
      </Confirm>
      <Suspense fallback={null}>
        {drawer === 'resolve' && <ResolveDrawer order={order} onClose={close} />}
        {drawer === 'decline' && approval && <DeclineDrawer id={id} hash={approval.hash} onClose={close} />}
      </Suspense>
    </>
  );
}
