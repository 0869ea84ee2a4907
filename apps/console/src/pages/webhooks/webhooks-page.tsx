import { lazy, Suspense, useMemo, useState, type ReactNode } from 'react';
import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { getRouteApi } from '@tanstack/react-router';
import { useList } from '../../data/queries.ts';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { DataList, Empty, type Column } from '../../parts/list/list.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { Page } from '../../parts/show/page.tsx';
import { formatOf } from '../../texts/format.ts';
import { webhookWords } from '../../texts/webhooks.ts';
import { useCommon, useLanguage, useTexts } from '../../texts/use-texts.ts';
import { EndpointDialogs, useEndpointDeeds } from './endpoint-actions.tsx';
import { healthOf, healthTones, nameOf, type Endpoint } from './endpoint-values.ts';
import { webhooks } from './texts.ts';

const EndpointForm = lazy(() => import('./endpoint-drawer.tsx'));
const SecretDrawer = lazy(() => import('./secret-drawer.tsx'));

const route = getRouteApi('/developers/webhooks');
const keyOf = ({ id }: Endpoint): string => id;

const useStyles = makeStyles({
  cell: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'start', overflowWrap: 'anywhere' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

/** Where events are sent: how each address is doing, and what waits for it. */
export function WebhooksPage(): ReactNode {
  const t = useTexts(webhooks);
  const { drawer, id } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useList('/v1/webhook-endpoints', {}, { every: 10_000 });
  const columns = useColumns();
  const deeds = useEndpointDeeds();
  // A secret is nowhere but on the screen: not in the address, and not in what is kept of the API's answers.
  const [secret, setSecret] = useState<string>();
  const go = (some: { drawer?: typeof drawer; id?: string }): void =>
    void navigate({ search: (before) => ({ ...before, drawer: undefined, id: undefined, ...some }) });
  const chosen = list.rows.find((one) => one.id === id);

  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      actions={
        <ActionButton
          appearance="primary"
          needs="POST /v1/webhook-endpoints"
          onClick={() => go({ drawer: 'create' })}
        >
          {t('create')}
        </ActionButton>
      }
    >
      <DataList
        label={t('title')}
        list={list}
        columns={columns}
        rowKey={keyOf}
        rowName={nameOf}
        csv={false}
        actions={(row) =>
          deeds(row).map(({ drawer: opened, ...deed }) => ({
            ...deed,
            onClick: () => go({ drawer: opened, id: row.id }),
          }))
        }
        empty={
          <Empty title={t('emptyTitle')} detail={t('emptyDetail')}>
            <PageLink to="/developers/events">{t('toEvents')}</PageLink>
          </Empty>
        }
      />
      <Suspense fallback={null}>
        {drawer === 'create' && <EndpointForm onSecret={setSecret} onClose={() => go({})} />}
        {secret && <SecretDrawer secret={secret} onClose={() => setSecret(undefined)} />}
      </Suspense>
      {drawer && drawer !== 'create' && chosen && (
        <EndpointDialogs endpoint={chosen} drawer={drawer} onSecret={setSecret} onClose={() => go({})} />
      )}
    </Page>
  );
}

function useColumns(): Column<Endpoint>[] {
  const t = useTexts(webhooks);
  const common = useCommon();
  const word = useTexts(webhookWords);
  const styles = useStyles();
  const language = useLanguage();
  return useMemo(() => {
    const format = formatOf(language);
    const count = (value: number): string => format.number(value);
    return [
      {
        id: 'endpoint',
        header: t('endpoint'),
        cell: (endpoint) => (
          <span className={styles.cell}>
            <PageLink to="/developers/webhooks/$id" params={{ id: endpoint.id }}>
              {nameOf(endpoint)}
            </PageLink>
            {endpoint.description && (
              <Text size={200} className={styles.quiet}>
                {endpoint.url}
              </Text>
            )}
          </span>
        ),
      },
      {
        id: 'types',
        header: t('eventTypes'),
        cell: ({ eventTypes }) =>
          eventTypes.includes('*')
            ? t('everything')
            : t('someTypes', { first: eventTypes[0], more: eventTypes.length - 1 }),
      },
      {
        id: 'status',
        header: common('status'),
        cell: (endpoint) => {
          const health = healthOf(endpoint);
          const since = endpoint.disabledAt ?? endpoint.failingSince;
          return (
            <span className={styles.cell}>
              <StatusBadge tone={healthTones[health]}>{word(health)}</StatusBadge>
              <Text size={200} className={styles.quiet}>
                {since
                  ? [endpoint.lastFailure, format.ago(since)].filter(Boolean).join(' · ')
                  : t('lastDelivered', { ago: format.ago(endpoint.lastDeliveredAt) })}
              </Text>
            </span>
          );
        },
      },
      {
        id: 'pending',
        header: t('pending'),
        isNumber: true,
        width: '7rem',
        cell: ({ pending }) => count(pending),
      },
      {
        id: 'undelivered',
        header: t('undelivered'),
        isNumber: true,
        width: '7rem',
        cell: ({ undelivered }) => count(undelivered),
      },
      {
        id: 'delivered',
        header: t('delivered24h'),
        isNumber: true,
        width: '8rem',
        cell: ({ delivered24h }) => count(delivered24h),
      },
    ];
  }, [t, common, word, styles, language]);
}
