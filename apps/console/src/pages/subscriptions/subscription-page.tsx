import { lazy, Suspense, useEffect, useRef, type ReactNode } from 'react';
import { Field, MessageBar, MessageBarBody, Select, Text, Title3 } from '@fluentui/react-components';
import { InvalidInput, NotFound } from '@isthmus/sdk';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useConnectors } from '../../data/connectors.ts';
import { refresh, useList, useOne } from '../../data/queries.ts';
import { forPeople } from '../../parts/feedback/for-people.ts';
import { Copyable, ProblemMessage } from '../../parts/feedback/problem.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { Empty } from '../../parts/list/list.tsx';
import { OrderList } from '../../parts/order/order-list.tsx';
import { isOver, useOrderWords } from '../../parts/order/order-words.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { Facts, Page, type Fact } from '../../parts/show/page.tsx';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { OptionsList, SubscriptionActions } from './subscription-options.tsx';
import { useReadAgain } from '../../parts/subscription/read-again.tsx';
import { hasEnded, nextDay, titleOf, type Subscription } from '../../parts/subscription/subscription.ts';
import { subscriptions } from '../../texts/subscriptions.ts';

const OrderDrawer = lazy(() => import('./order-drawer.tsx'));
const ScheduleDrawer = lazy(() => import('./schedule-drawer.tsx'));
const EditDrawer = lazy(() => import('./edit-drawer.tsx'));
const SeatLots = lazy(async () => ({ default: (await import('./seat-lots.tsx')).SeatLots }));
const HistoryList = lazy(async () => ({ default: (await import('./subscription-records.tsx')).HistoryList }));
const ScheduledChanges = lazy(async () => ({
  default: (await import('./subscription-records.tsx')).ScheduledChanges,
}));
const UnreadPage = lazy(() => import('./unread-page.tsx'));

const route = getRouteApi('/subscriptions/$id');

const afterAnOrderMs = 60_000;

/** The subscription; asked for often while an order may change it, and until what it changed is read from Ingram Micro. */
function useSubscription(id: string) {
  const isSoon = useRef(false);
  const one = useOne(
    '/v1/subscriptions/{id}',
    { path: { id } },
    { every: (last) => (last?.openOrderId || isSoon.current ? 2_500 : 30_000) },
  );
  const { rows } = useList('/v1/orders', { query: { subscriptionId: id } }, { every: 5_000 });
  isSoon.current = rows.some(
    ({ finishedAt }) => finishedAt && Date.now() - Date.parse(finishedAt) < afterAnOrderMs,
  );
  const openOrderId = one.data?.openOrderId ?? null;
  // The order may be known to have ended before the subscription is read again.
  const isUnderWay = openOrderId !== null && !rows.some((order) => order.id === openOrderId && isOver(order));
  return { one, isUnderWay };
}

/** What depends on a subscription is asked for again when another order is under way, or none any more, or it is other than before. */
function useFreshWith(subscription: Subscription | undefined): void {
  const client = useQueryClient();
  const { id, openOrderId, version } = subscription ?? {};
  const now = id && `${id} ${openOrderId} ${version}`;
  const before = useRef(now);
  useEffect(() => {
    const isOther =
      before.current !== undefined && before.current !== now && before.current.startsWith(id ?? '');
    before.current = now;
    if (!isOther) return;
    for (const begin of [
      '/v1/subscriptions/{id}/',
      '/v1/orders',
      '/v1/scheduled-changes',
      '/v1/provider-subs',
    ])
      void refresh(client, begin);
  }, [client, id, now]);
}

/** One subscription: what is agreed, since when its seats are there, what can be done with it, and what was. */
export function SubscriptionPage(): ReactNode {
  const { id } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const t = useTexts(subscriptions);
  const { one, isUnderWay } = useSubscription(id);
  const subscription = one.data;
  useFreshWith(subscription);
  // A line that was asked for may be gone; then the strictest rules count.
  const line = subscription?.lines.some(({ mpn }) => mpn === search.line) ? search.line : undefined;
  const options = useOne(
    '/v1/subscriptions/{id}/options',
    { path: { id }, query: line ? { mpn: line } : {} },
    { enabled: subscription !== undefined },
  );
  const go = (some: Partial<typeof search>): void =>
    void navigate({ params: { id }, search: (before) => ({ ...before, ...some }) });
  const close = (): void => go({ drawer: undefined, change: undefined });

  if (!subscription && one.error instanceof NotFound)
    return (
      <Suspense fallback={null}>
        <UnreadPage id={id} error={one.error} onRetry={() => void one.refetch()} />
      </Suspense>
    );
  if (!subscription)
    return (
      <Page title={t('subscription')}>
        <PageLink to="/subscriptions">{t('back')}</PageLink>
        {one.error instanceof InvalidInput ? (
          <Empty title={t('noSuch')} />
        ) : (
          <ProblemMessage error={one.error} onRetry={() => void one.refetch()} />
        )}
      </Page>
    );
  const { drawer } = search;
  return (
    <Page
      title={[titleOf(subscription), subscription.accountName].filter(Boolean).join(' · ')}
      actions={
        <SubscriptionActions
          subscription={subscription}
          options={options.data}
          onOpen={(next) => go({ drawer: next })}
        />
      }
    >
      <PageLink to="/subscriptions">{t('back')}</PageLink>
      <ProblemMessage error={one.error} onRetry={() => void one.refetch()} />
      <SubscriptionFacts subscription={subscription} isUnderWay={isUnderWay} />
      {!hasEnded(subscription) && (
        <>
          <Title3 as="h2">{t('lots')}</Title3>
          <Suspense fallback={null}>
            <SeatLots subscription={subscription} />
          </Suspense>
        </>
      )}
      <Title3 as="h2">{t('options')}</Title3>
      {subscription.lines.length > 1 && !hasEnded(subscription) && (
        <Field label={t('line')}>
          <Select value={line ?? ''} onChange={(_, { value }) => go({ line: value || undefined })}>
            <option value="">{t('strictest')}</option>
            {subscription.lines.map(({ mpn, name }) => (
              <option key={mpn} value={mpn}>
                {name}
              </option>
            ))}
          </Select>
        </Field>
      )}
      <ProblemMessage error={options.error} onRetry={() => void options.refetch()} />
      {hasEnded(subscription) ? (
        <Text>{t('hasEnded')}</Text>
      ) : (
        options.data && <OptionsList options={options.data} seats={subscription.seats} />
      )}
      <Title3 as="h2">{t('scheduledChanges')}</Title3>
      <Suspense fallback={null}>
        <ScheduledChanges
          subscriptionId={id}
          hasEnded={hasEnded(subscription)}
          ending={drawer === 'end-change' ? search.change : undefined}
          onEdit={(change) => go({ drawer: 'edit-change', change })}
          onEnd={(change) => go({ drawer: 'end-change', change })}
          onClose={close}
        />
      </Suspense>
      <Title3 as="h2">{t('orders')}</Title3>
      <OrderList of={{ subscriptionId: id }} emptyDetail={t('noOrdersDetail')} />
      <Title3 as="h2">{t('history')}</Title3>
      <Suspense fallback={null}>
        <HistoryList subscriptionId={id} />
      </Suspense>
      <Suspense fallback={null}>
        {(drawer === 'seats' || drawer === 'cancel' || drawer === 'renew') && (
          <OrderDrawer kind={drawer} subscription={subscription} onClose={close} />
        )}
        {drawer === 'schedule' && <ScheduleDrawer subscription={subscription} onClose={close} />}
        {drawer === 'edit-change' && search.change && (
          <EditChange subscription={subscription} changeId={search.change} onClose={close} />
        )}
        {drawer === 'edit' && <EditDrawer subscription={subscription} onClose={close} />}
      </Suspense>
    </Page>
  );
}

function EditChange(props: { subscription: Subscription; changeId: string; onClose: () => void }): ReactNode {
  const { subscription, changeId, onClose } = props;
  const { data, error } = useOne('/v1/scheduled-changes/{id}', { path: { id: changeId } });
  if (!data) return <ProblemMessage error={error} />;
  return <ScheduleDrawer subscription={subscription} change={data} onClose={onClose} />;
}

function SubscriptionFacts({
  subscription,
  isUnderWay,
}: {
  subscription: Subscription;
  isUnderWay: boolean;
}): ReactNode {
  const { connectorId, billingContractId, openOrderId, lines } = subscription;
  const t = useTexts(subscriptions);
  const common = useCommon();
  const word = useWord(subscriptions);
  const words = useOrderWords();
  const format = formatOf(useLanguage());
  const { nameOf } = useConnectors();
  const next = nextDay(subscription);
  const hasStopped = next.what === 'ended';
  const contract = useOne(
    '/v1/billing-contracts/{id}',
    { path: { id: billingContractId ?? '' } },
    { enabled: billingContractId !== null },
  );
  const facts: Fact[] = [
    {
      term: common('status'),
      value: (
        <StatusBadge tone={subscription.status === 'active' ? 'good' : 'neutral'}>
          {word('status', subscription.status)}
        </StatusBadge>
      ),
    },
    {
      term: t('account'),
      value: subscription.providerAccountId ? (
        <PageLink to="/accounts/$id" params={{ id: subscription.providerAccountId }}>
          {subscription.accountName ?? subscription.cmpAccountId}
        </PageLink>
      ) : (
        (subscription.accountName ?? subscription.cmpAccountId)
      ),
    },
    { term: common('connector'), value: nameOf(connectorId) },
    {
      term: t('contract'),
      value: billingContractId ? (
        <>
          <PageLink to="/contracts/$id" params={{ id: billingContractId }}>
            {contract.data?.name ?? billingContractId}
          </PageLink>
          {` · ${word('assignment', subscription.assignment)}`}
        </>
      ) : (
        <StatusBadge tone="warning">{t('noContract')}</StatusBadge>
      ),
    },
    {
      term: t('seats'),
      value:
        subscription.seats === null || lines.length === 0
          ? `? · ${t('notRead')}`
          : hasStopped && subscription.seats > 0
            ? t('seatsUntilEnd', { seats: subscription.seats })
            : subscription.seats,
    },
    ...(hasStopped
      ? [{ term: t('ended'), value: format.moment(next.day) }]
      : [
          { term: t('price'), value: words.per(subscription.periodTotal, subscription.billingPeriod) },
          { term: t('term'), value: words.period(subscription.term) },
          { term: t(next.what === 'renews' ? 'renewal' : 'expires'), value: format.day(next.day) },
          { term: t('autoRenew'), value: common(subscription.autoRenew ? 'on' : 'off') },
        ]),
    ...lines.map(({ mpn, name, quantity, unitPrice, unitCost }) => ({
      term: lines.length > 1 ? t('lineTerm', { name }) : t('product'),
      value: hasStopped
        ? `${name}, ${mpn}`
        : t('lineFacts', {
            ...{ mpn, quantity, name },
            price: format.money(unitPrice),
            cost: format.money(unitCost),
          }),
      isWide: lines.length > 1,
    })),
    {
      term: t('cmpId'),
      value: <Copyable label={t('cmpId')} value={subscription.cmpSubscriptionId} isLabelled={false} />,
    },
    { term: t('asOf'), value: `${format.moment(subscription.asOf)} (${format.ago(subscription.asOf)})` },
  ];
  return (
    <>
      {isUnderWay && openOrderId && (
        <MessageBar>
          <MessageBarBody>
            {t('orderUnderWay')}{' '}
            <PageLink to="/orders/$id" params={{ id: openOrderId }}>
              {t('openOrder')}
            </PageLink>
          </MessageBarBody>
        </MessageBar>
      )}
      <Detail subscription={subscription} />
      <Facts facts={facts} />
    </>
  );
}

/** Whether its detail could be read from CMP; reads it again. */
function Detail({ subscription: { id, connectorId } }: { subscription: Subscription }): ReactNode {
  const t = useTexts(subscriptions);
  const format = formatOf(useLanguage());
  const mirror = useOne('/v1/provider-subscriptions/{id}', { path: { id } });
  const { isStarting, start } = useReadAgain();
  const { detailFailure, detailConfirmedAt } = mirror.data ?? {};
  return (
    <MessageBar intent={detailFailure ? 'error' : 'info'} layout="multiline">
      <MessageBarBody>
        {detailFailure
          ? t('detailFailed', { reason: forPeople(detailFailure) })
          : t('detailConfirmed', { ago: format.ago(detailConfirmedAt) })}{' '}
        <ActionButton
          needs="POST /v1/sync-runs"
          isBusy={isStarting}
          onClick={() => start({ id, connectorId })}
        >
          {t('readAgain')}
        </ActionButton>
      </MessageBarBody>
    </MessageBar>
  );
}
