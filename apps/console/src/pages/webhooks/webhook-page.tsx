import { lazy, Suspense, useMemo, useState, type ReactNode } from 'react';
import {
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Text,
  Title3,
  tokens,
} from '@fluentui/react-components';
import { getRouteApi } from '@tanstack/react-router';
import { useList, useOne } from '../../data/queries.ts';
import { ProblemMessage } from '../../parts/feedback/problem.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { DayFilter, FilterBar, FilterTabs, SelectFilter } from '../../parts/list/filters.tsx';
import { DataList, Empty, type Column } from '../../parts/list/list.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { DeliveryBadge } from '../../parts/show/delivery-badge.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { Facts, Page } from '../../parts/show/page.tsx';
import { formatOf } from '../../texts/format.ts';
import { webhookWords } from '../../texts/webhooks.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { EndpointDialogs, useEndpointDeeds } from './endpoint-actions.tsx';
import {
  deliveryStatuses,
  endpointDrawers,
  healthOf,
  healthTones,
  nameOf,
  type Delivery,
  type Endpoint,
} from './endpoint-values.ts';
import { webhooks } from './texts.ts';

const DeliveryDrawer = lazy(() => import('./delivery-drawer.tsx'));
const ResendManyDrawer = lazy(() => import('./resend-many-drawer.tsx'));
const SendAgainDrawer = lazy(() => import('./send-again-drawer.tsx'));
const SecretDrawer = lazy(() => import('./secret-drawer.tsx'));

const route = getRouteApi('/developers/webhooks/$id');
const keyOf = ({ id }: Delivery): string => id;
const rowName = ({ eventType, subject }: Delivery): string => `${eventType} ${subject}`;

const useStyles = makeStyles({
  cell: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'start', overflowWrap: 'anywhere' },
  quiet: { color: tokens.colorNeutralForeground2 },
  body: { whiteSpace: 'normal', overflowWrap: 'anywhere' },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
});

/** One endpoint: how it is doing, what it has missed, and every delivery to it. */
export function WebhookPage(): ReactNode {
  const { id } = route.useParams();
  const { drawer } = route.useSearch();
  const navigate = route.useNavigate();
  const t = useTexts(webhooks);
  const deeds = useEndpointDeeds();
  const one = useOne('/v1/webhook-endpoints/{id}', { path: { id } }, { every: 10_000 });
  const [secret, setSecret] = useState<string>();
  const endpoint = one.data;
  const go: Go = (some) => void navigate({ params: { id }, search: (before) => ({ ...before, ...some }) });
  const close = (): void => go({ drawer: undefined, delivery: undefined });
  const dialog = endpointDrawers.find((name) => name === drawer);

  if (!endpoint)
    return (
      <Page title={t('endpoint')}>
        <PageLink to="/developers/webhooks">{t('back')}</PageLink>
        <ProblemMessage error={one.error} onRetry={() => void one.refetch()} />
      </Page>
    );
  return (
    <Page
      title={nameOf(endpoint)}
      actions={deeds(endpoint).map(({ label, needs, drawer: opened }) => (
        <ActionButton
          key={opened}
          needs={needs}
          appearance={opened === 'test' || opened === 'enable' ? 'primary' : 'secondary'}
          onClick={() => go({ drawer: opened })}
        >
          {label}
        </ActionButton>
      ))}
    >
      <PageLink to="/developers/webhooks">{t('back')}</PageLink>
      <ProblemMessage error={one.error} onRetry={() => void one.refetch()} />
      <EndpointState endpoint={endpoint} />
      <Deliveries endpoint={endpoint} go={go} />
      <Suspense fallback={null}>
        {(drawer === 'recover' || drawer === 'replay') && (
          <SendAgainDrawer endpoint={endpoint} what={drawer} onClose={close} />
        )}
        {secret && <SecretDrawer secret={secret} onClose={() => setSecret(undefined)} />}
      </Suspense>
      {dialog && <EndpointDialogs endpoint={endpoint} drawer={dialog} onSecret={setSecret} onClose={close} />}
    </Page>
  );
}

type Search = ReturnType<typeof route.useSearch>;
type Go = (some: { [K in keyof Search]?: Search[K] | undefined }) => void;

/** How it is, since when and why; what it has missed; its numbers. */
function EndpointState({ endpoint }: { endpoint: Endpoint }): ReactNode {
  const { status, disabledAt, disabledReason, failingSince, lastFailure, heldUntil, undelivered } = endpoint;
  const t = useTexts(webhooks);
  const common = useCommon();
  const styles = useStyles();
  const word = useTexts(webhookWords);
  const reasonWord = useWord(webhookWords);
  const format = formatOf(useLanguage());
  const health = healthOf(endpoint);
  return (
    <>
      {status === 'disabled' && (
        <MessageBar intent={disabledReason === 'by-hand' ? 'info' : 'error'} layout="multiline">
          <MessageBarBody className={styles.body}>
            <MessageBarTitle>{reasonWord('reason', disabledReason ?? '')}</MessageBarTitle>{' '}
            {t('disabledSince', { time: format.moment(disabledAt), ago: format.ago(disabledAt) })}{' '}
            {lastFailure && t('lastFailure', { failure: lastFailure })} {t('missed', { count: undelivered })}{' '}
            {t('disabledNext')}
          </MessageBarBody>
        </MessageBar>
      )}
      {health === 'failing' && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody className={styles.body}>
            <MessageBarTitle>{t('failingSince', { ago: format.ago(failingSince) })}</MessageBarTitle>{' '}
            {lastFailure && t('lastFailure', { failure: lastFailure })} {t('failingNext')}
          </MessageBarBody>
        </MessageBar>
      )}
      {health === 'held' && (
        <MessageBar>
          <MessageBarBody className={styles.body}>
            {t('heldUntil', { time: format.moment(heldUntil) })}
          </MessageBarBody>
        </MessageBar>
      )}
      <Facts
        facts={[
          {
            term: common('status'),
            value: <StatusBadge tone={healthTones[health]}>{word(health)}</StatusBadge>,
          },
          { term: t('pending'), value: format.number(endpoint.pending) },
          { term: t('undelivered'), value: format.number(undelivered) },
          { term: t('delivered24h'), value: format.number(endpoint.delivered24h) },
          { term: t('lastDelivery'), value: format.moment(endpoint.lastDeliveredAt) },
          { term: t('createdAt'), value: format.moment(endpoint.createdAt) },
          { term: t('url'), value: <code>{endpoint.url}</code>, isWide: true },
          { term: t('eventTypes'), value: <code>{endpoint.eventTypes.join(', ')}</code>, isWide: true },
        ]}
      />
    </>
  );
}

function Deliveries({ endpoint, go }: { endpoint: Endpoint; go: Go }): ReactNode {
  const { id, status: endpointStatus, pending, undelivered } = endpoint;
  const t = useTexts(webhooks);
  const word = useWord(webhookWords);
  const styles = useStyles();
  const { status, type, since, drawer, delivery } = route.useSearch();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const list = useList(
    '/v1/webhook-endpoints/{id}/deliveries',
    {
      path: { id },
      query: {
        ...(status && { status }),
        ...(type && { eventType: type }),
        ...(since && { since: new Date(`${since}T00:00:00`).toISOString() }),
      },
    },
    { every: 10_000 },
  );
  const types = useOne('/v1/event-types', {});
  const columns = useColumns();
  const options = [...new Set([...(types.data ?? []).map((one) => one.type), ...(type ? [type] : [])])];
  const close = (): void => go({ drawer: undefined, delivery: undefined });
  const isOff = endpointStatus === 'disabled' ? t('isOff') : undefined;
  const countOf = { pending, undelivered, delivered: undefined };

  return (
    <>
      <Title3 as="h2">{t('deliveries')}</Title3>
      <div className={styles.buttons}>
        <ActionButton
          needs="POST /v1/webhook-endpoints/{id}/recover"
          reason={isOff ?? (undelivered === 0 ? t('nothingMissed') : undefined)}
          onClick={() => go({ drawer: 'recover' })}
        >
          {t('recover')}
        </ActionButton>
        <ActionButton
          needs="POST /v1/webhook-endpoints/{id}/replay"
          reason={isOff}
          onClick={() => go({ drawer: 'replay' })}
        >
          {t('replay')}
        </ActionButton>
        <ActionButton
          needs="POST /v1/deliveries/{id}/resend"
          reason={isOff}
          onClick={() => go({ drawer: 'resend' })}
        >
          {t('resendMany')}
        </ActionButton>
      </div>
      <FilterTabs
        label={t('deliveryViews')}
        value={status ?? 'all'}
        tabs={(['all', ...deliveryStatuses] as const).map((value) => ({
          value,
          label: value === 'all' ? t('allDeliveries') : word('delivery', value),
          count: value === 'all' ? undefined : countOf[value],
        }))}
        onChange={(value) => go({ status: value === 'all' ? undefined : value })}
      />
      <FilterBar>
        <SelectFilter
          label={t('eventType')}
          value={type}
          options={options.map((value) => ({ value, label: value }))}
          onChange={(value) => go({ type: value })}
        />
        <DayFilter label={t('since')} value={since} onChange={(value) => go({ since: value })} />
      </FilterBar>
      <DataList
        label={t('deliveries')}
        list={list}
        columns={columns}
        rowKey={keyOf}
        rowName={rowName}
        csv={false}
        selection={{ keys: selected, onChange: setSelected }}
        actions={(row) => [{ label: t('show'), onClick: () => go({ drawer: 'delivery', delivery: row.id }) }]}
        empty={
          status || type || since ? (
            <Empty title={t('noneTitle')}>
              <PageLink to="/developers/webhooks/$id" params={{ id }}>
                {t('showAll')}
              </PageLink>
            </Empty>
          ) : (
            <Empty title={t('noDeliveries')} detail={t('noDeliveriesDetail')}>
              <PageLink to="/developers/events">{t('toEvents')}</PageLink>
            </Empty>
          )
        }
      />
      <Suspense fallback={null}>
        {drawer === 'delivery' && delivery && <DeliveryDrawer id={delivery} isOff={isOff} onClose={close} />}
        {drawer === 'resend' && (
          <ResendManyDrawer
            endpointId={id}
            deliveries={list.rows}
            selected={selected}
            onClose={() => {
              setSelected(new Set());
              close();
            }}
          />
        )}
      </Suspense>
    </>
  );
}

function useColumns(): Column<Delivery>[] {
  const t = useTexts(webhooks);
  const common = useCommon();
  const styles = useStyles();
  const language = useLanguage();
  return useMemo(() => {
    const format = formatOf(language);
    return [
      {
        id: 'event',
        header: t('event'),
        cell: ({ eventType, subject, id, endpointId }) => (
          <span className={styles.cell}>
            <PageLink
              to="/developers/webhooks/$id"
              params={{ id: endpointId }}
              search={(before: object) => ({ ...before, drawer: 'delivery' as const, delivery: id })}
            >
              {eventType}
            </PageLink>
            <Text size={200} className={styles.quiet}>
              {subject}
            </Text>
          </span>
        ),
      },
      {
        id: 'status',
        header: common('status'),
        cell: ({ status, lastStatus, lastError, nextAttemptAt }) => (
          <span className={styles.cell}>
            <DeliveryBadge status={status} />
            <Text size={200} className={styles.quiet}>
              {[
                lastError ?? lastStatus,
                nextAttemptAt && t('nextAttempt', { ago: format.ago(nextAttemptAt) }),
              ]
                .filter((part) => part !== null && part !== undefined)
                .join(' · ')}
            </Text>
          </span>
        ),
      },
      {
        id: 'attempts',
        header: t('attempts'),
        isNumber: true,
        width: '6rem',
        cell: ({ attempts }) => format.number(attempts),
      },
      {
        id: 'last',
        header: t('lastAttempt'),
        width: '10rem',
        cell: ({ lastAttemptAt }) => format.moment(lastAttemptAt),
      },
      {
        id: 'made',
        header: t('made'),
        width: '10rem',
        cell: ({ createdAt }) => format.moment(createdAt),
      },
    ];
  }, [t, common, styles, language]);
}
