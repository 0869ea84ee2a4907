import { useEffect, type ReactNode } from 'react';
import {
  Checkbox,
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Text,
  Title3,
  tokens,
} from '@fluentui/react-components';
import { InvalidInput, NotFound, type Order } from '@isthmus/sdk';
import { getRouteApi } from '@tanstack/react-router';
import { useConnectors } from '../../data/connectors.ts';
import { useFollowed } from '../../data/follow.ts';
import { useList, useOne } from '../../data/queries.ts';
import { useMe } from '../../data/session.tsx';
import { forPeople } from '../../parts/feedback/for-people.ts';
import { Copyable, ProblemMessage } from '../../parts/feedback/problem.tsx';
import { Empty } from '../../parts/list/list.tsx';
import { isAtRest, OrderBadge, useOrderWords } from '../../parts/order/order-words.tsx';
import { isNegative, unsigned } from '../../parts/order/quote-values.ts';
import { PageLink } from '../../parts/show/links.tsx';
import { Facts, Page, type Fact } from '../../parts/show/page.tsx';
import { formatOf } from '../../texts/format.ts';
import { orderWords } from '../../texts/orders.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { OrderActions, OrderDialogs } from './order-actions.tsx';
import { OrderLife } from './order-life.tsx';
import { orders } from './texts.ts';

const route = getRouteApi('/orders/$id');

const useStyles = makeStyles({
  state: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS, alignItems: 'center' },
  body: { whiteSpace: 'normal' },
  links: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalL },
});

/** A purchase is settled a moment before the subscription that it made is known here. */
const awaitsSubscription = (order: Order | undefined): number | false =>
  order?.kind === 'create' && order.status === 'settled' && !order.subscriptionId ? 3_000 : false;

/** One order: how far it is in words, its life with every call to CMP, and what can be done about it. Live. */
export function OrderPage(): ReactNode {
  const { id } = route.useParams();
  const { failed: onlyFailed = false } = route.useSearch();
  const navigate = route.useNavigate();
  const t = useTexts(orders);
  const words = useOrderWords();
  const one = useOne('/v1/orders/{id}', { path: { id } }, { every: awaitsSubscription });
  const isOpen = one.data !== undefined && !isAtRest(one.data);
  const { now } = useFollowed('/v1/orders', isOpen ? id : undefined);
  const order = now && one.data && now.version >= one.data.version ? { ...one.data, ...now } : one.data;
  const calls = useList('/v1/orders/{id}/calls', { path: { id } }, { every: isOpen ? 5_000 : false });

  // What comes live says how the order is; how it got there is read again.
  const { refetch } = one;
  const { retry: readCalls } = calls;
  const status = now?.status;
  useEffect(() => {
    if (!status) return;
    void refetch();
    readCalls();
  }, [status, refetch, readCalls]);

  if (!order)
    return (
      <Page title={t('orderTitle')}>
        <PageLink to="/orders">{t('back')}</PageLink>
        {one.error instanceof NotFound || one.error instanceof InvalidInput ? (
          <Empty title={t('noSuch')} detail={t('noSuchDetail')} />
        ) : (
          <ProblemMessage error={one.error} onRetry={() => void one.refetch()} />
        )}
      </Page>
    );
  const title = [words.deed(order), order.productName ?? order.mpn, order.accountName ?? order.cmpAccountId]
    .filter(Boolean)
    .join(' · ');
  return (
    <Page title={title} actions={<OrderActions order={order} />}>
      <PageLink to="/orders">{t('back')}</PageLink>
      <ProblemMessage error={one.error} onRetry={() => void one.refetch()} />
      <OrderState order={order} />
      <OrderFacts order={order} />
      <Title3 as="h2">{t('life')}</Title3>
      <Checkbox
        label={t('failedOnly')}
        checked={onlyFailed}
        onChange={(_, { checked }) =>
          void navigate({
            params: { id },
            search: (before) => ({ ...before, failed: checked === true ? true : undefined }),
          })
        }
      />
      <ProblemMessage error={calls.error} onRetry={calls.retry} />
      <OrderLife order={order} calls={calls.rows} onlyFailed={onlyFailed} />
      <OrderDialogs order={order} />
    </Page>
  );
}

/** After its wait the order needs attention: other waits end with something else, such as the renewal. */
const endsChecking = ({ status, waiting }: Order): boolean =>
  waiting?.for === 'portal-confirmation' ||
  waiting?.for === 'customer-acceptance' ||
  (waiting?.for === 'cmp' && (status === 'accepted' || status === 'proving'));

/** How far it is, in words; what it waits for and until when, or what it needs. */
function OrderState({ order }: { order: Order }): ReactNode {
  const { status, waiting, reason, warnings, approval, withdrawRequested, nextStepAt } = order;
  const t = useTexts(orders);
  const word = useWord(orders);
  const styles = useStyles();
  const format = formatOf(useLanguage());
  const isStuck = status === 'needs-attention' || status === 'completed-not-effective';
  const when = [
    waiting?.until &&
      t(endsChecking(order) ? 'checkedUntil' : 'until', {
        time: format.moment(waiting.until),
        ago: format.ago(waiting.until),
      }),
    nextStepAt && !isAtRest(order) && t('nextLook', { ago: format.ago(nextStepAt) }),
  ].filter(Boolean);
  return (
    <>
      <div className={styles.state} role="status">
        <OrderBadge status={status} />
        <Text>{word('state', status)}</Text>
        {withdrawRequested && !isAtRest(order) && <Text>{t('withdrawAsked')}</Text>}
      </div>
      {waiting && (
        <MessageBar layout="multiline">
          <MessageBarBody className={styles.body}>
            <MessageBarTitle>{forPeople(waiting.detail)}</MessageBarTitle> {forPeople(waiting.nextStep)}{' '}
            {when.join(' · ')}{' '}
            {waiting.orderId && (
              <PageLink to="/orders/$id" params={{ id: waiting.orderId }}>
                {t('otherOrder')}
              </PageLink>
            )}
            {waiting.link && (
              <a href={waiting.link} target="_blank" rel="noreferrer noopener">
                {t('openLink')}
              </a>
            )}
          </MessageBarBody>
        </MessageBar>
      )}
      {reason && (
        <MessageBar intent={isStuck ? 'error' : 'info'} layout="multiline">
          <MessageBarBody className={styles.body}>
            <MessageBarTitle>{forPeople(reason.detail)}</MessageBarTitle> {forPeople(reason.nextStep)}
            {reason.correlationId && <Copyable label={t('cmpCorrelation')} value={reason.correlationId} />}
          </MessageBarBody>
        </MessageBar>
      )}
      {approval?.outcome === null && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody className={styles.body}>
            {t('approvalUntil', { who: approval.requestedBy, time: format.moment(approval.expiresAt) })}
          </MessageBarBody>
        </MessageBar>
      )}
      {warnings.map(({ code, detail, nextStep }) => (
        <MessageBar key={code} intent="warning" layout="multiline">
          <MessageBarBody className={styles.body}>
            <MessageBarTitle>{forPeople(detail)}</MessageBarTitle> {forPeople(nextStep)}
          </MessageBarBody>
        </MessageBar>
      ))}
    </>
  );
}

function OrderFacts({ order }: { order: Order }): ReactNode {
  const t = useTexts(orders);
  const common = useCommon();
  const word = useWord(orderWords);
  const cmpWord = useWord(orders);
  const words = useOrderWords();
  const styles = useStyles();
  const format = formatOf(useLanguage());
  const { nameOf } = useConnectors();
  const { traceUrlTemplate } = useMe();
  const { subscriptionId, approval, traceId, total, totalFrom } = order;
  // Before that, and of an order that was refused, it is only what Ingram Micro's order amounts to.
  const chargedTotal = order.cmpStatus === 'completed' ? order.chargedTotal : null;
  const quoted = [format.money(total), totalFrom && t(`from-${totalFrom}`)].filter(Boolean).join(' · ');
  const isAsQuoted = chargedTotal !== null && format.money(chargedTotal) === format.money(total);
  const facts: Fact[] = [
    {
      term: t('account'),
      value: order.providerAccountId ? (
        <PageLink to="/accounts/$id" params={{ id: order.providerAccountId }}>
          {order.accountName ?? order.cmpAccountId}
        </PageLink>
      ) : (
        (order.accountName ?? order.cmpAccountId)
      ),
    },
    { term: t('product'), value: order.productName ?? order.mpn ?? common('dash') },
    { term: common('connector'), value: nameOf(order.connectorId) },
    { term: t('seats'), value: words.change(order) },
    ...(isAsQuoted ? [] : [{ term: t('total'), value: quoted }]),
    ...(chargedTotal
      ? [
          {
            term: t(isNegative(chargedTotal) ? 'refundedOnce' : 'chargedOnce'),
            value: format.money(unsigned(chargedTotal)),
          },
        ]
      : []),
    { term: t('unitPrice'), value: words.per(order.unitPrice, order.billingPeriod) },
    { term: t('term'), value: words.period(order.term) },
    { term: t('who'), value: t('askedBy', { who: order.requestedBy, from: word('source', order.source) }) },
    { term: t('asked'), value: format.moment(order.requestedAt) },
    { term: t('finished'), value: format.moment(order.finishedAt) },
    { term: t('attempts'), value: order.attempts },
    {
      term: t('cmpStatus'),
      value: order.cmpStatus ? (
        <span title={order.cmpStatusCode ?? undefined}>{cmpWord('cmp', order.cmpStatus)}</span>
      ) : (
        common('dash')
      ),
    },
    ...(approval?.outcome
      ? [
          {
            term: t(`decided-${approval.outcome}`),
            value: t('decidedBy', { who: approval.decidedBy, time: format.moment(approval.decidedAt) }),
          },
        ]
      : []),
    { term: t('marker'), value: <Copyable label={t('marker')} value={order.marker} isLabelled={false} /> },
    {
      term: t('cmpOrderNumber'),
      value: order.cmpOrderNumber ? (
        <Copyable label={t('cmpOrderNumber')} value={order.cmpOrderNumber} isLabelled={false} />
      ) : (
        common('dash')
      ),
    },
    {
      term: common('correlationId'),
      value: <Copyable label={common('correlationId')} value={order.correlationId} isLabelled={false} />,
    },
  ];
  return (
    <>
      <div className={styles.links}>
        {subscriptionId && (
          <PageLink to="/subscriptions/$id" params={{ id: subscriptionId }}>
            {t('toSubscription')}
          </PageLink>
        )}
        {traceUrlTemplate && traceId && (
          <a
            href={traceUrlTemplate.replace('{traceId}', encodeURIComponent(traceId))}
            target="_blank"
            rel="noreferrer noopener"
          >
            {t('trace')}
          </a>
        )}
      </div>
      <Facts facts={facts} />
    </>
  );
}
