import { lazy, Suspense, useCallback, useMemo, useState, type ReactNode } from 'react';
import { makeStyles, Text, Title3, tokens } from '@fluentui/react-components';
import type { Connector } from '@isthmus/sdk';
import { getRouteApi } from '@tanstack/react-router';
import { forPeople } from '../../parts/feedback/for-people.ts';
import { useCommand, useList, useOne } from '../../data/queries.ts';
import { ActionButton } from '../../parts/form/action-button.tsx';
import type { RowAction } from '../../parts/form/row-menu.tsx';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { DataList, Empty, type Column } from '../../parts/list/list.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { HubTabs } from '../../parts/show/hub-tabs.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { Page } from '../../parts/show/page.tsx';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { AccountsRun } from './accounts-run.tsx';
import { integrations } from './texts.ts';

const ConnectorDrawer = lazy(() => import('./connector-drawer.tsx'));
const VerifyDrawer = lazy(() => import('./verify-drawer.tsx'));
const RemoveDialog = lazy(() => import('./remove-dialog.tsx'));
const PauseDialog = lazy(() => import('./pause-dialog.tsx'));

const route = getRouteApi('/admin/hub/integrations');
const everything = {};
const runningRuns = { query: { scope: 'accounts', status: 'running' } } as const;
const keyOf = ({ id }: Connector): string => id;
const nameOf = ({ name }: Connector): string => name;

const useStyles = makeStyles({
  card: {
    display: 'flex',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalL,
    alignItems: 'center',
    justifyContent: 'space-between',
    maxWidth: '44rem',
    padding: tokens.spacingHorizontalL,
    borderRadius: tokens.borderRadiusMedium,
    boxShadow: tokens.shadow4,
    border: `1px solid ${tokens.colorTransparentStroke}`,
  },
  section: { display: 'grid', gap: tokens.spacingVerticalM, gridTemplateColumns: 'minmax(0, 1fr)' },
  cell: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'start' },
});

/** What can be connected, and what is. */
export function IntegrationsPage(): ReactNode {
  const t = useTexts(integrations);
  const common = useCommon();
  const styles = useStyles();
  const tell = useToast();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const list = useList('/v1/connectors', everything);
  const { rows: running } = useList('/v1/sync-runs', runningRuns, { every: 15_000 });
  /** Runs that were started here, by connector. */
  const [started, setStarted] = useState<Readonly<Record<string, string>>>({});
  const start = useCommand('post', '/v1/sync-runs', { changes: ['/v1/sync-runs'] });
  const resume = useCommand('post', '/v1/connectors/{id}/resume', { changes: ['/v1/connectors'] });

  const open = useCallback(
    (drawer: 'create' | 'edit' | 'verify' | 'remove' | 'pause', id?: string) =>
      void navigate({ search: (before) => ({ ...before, drawer, id }) }),
    [navigate],
  );
  const close = (): void =>
    void navigate({ search: (before) => ({ ...before, drawer: undefined, id: undefined }) });

  const syncAccounts = ({ id }: Connector): void =>
    start.mutate(
      // Changes alone have no meaning for accounts: CMP has no list of them.
      { body: { connectorId: id, scope: 'accounts', depth: 'full' } },
      {
        onSuccess: (run) => {
          setStarted((before) => ({ ...before, [id]: run.id }));
          tell({ title: t('running'), detail: t('runningNext'), intent: 'info' });
        },
        onError: (error) => tell({ title: t('runFailed'), detail: error.message, intent: 'error' }),
      },
    );

  const actionsFor = (connector: Connector): RowAction[] => {
    const { id, name, status } = connector;
    const isPaused = status === 'paused';
    return [
      { label: common('edit'), needs: 'PATCH /v1/connectors/{id}', onClick: () => open('edit', id) },
      { label: t('verify'), needs: 'POST /v1/connectors/{id}/verify', onClick: () => open('verify', id) },
      {
        label: t('syncAccounts'),
        needs: 'POST /v1/sync-runs',
        reason: isPaused ? t('pausedReason') : undefined,
        onClick: () => syncAccounts(connector),
      },
      {
        label: t('pause'),
        needs: 'POST /v1/connectors/{id}/pause',
        reason: isPaused && !connector.paused?.automatic ? t('alreadyPaused') : undefined,
        onClick: () => open('pause', id),
      },
      {
        label: t('resume'),
        needs: 'POST /v1/connectors/{id}/resume',
        reason: isPaused ? undefined : t('notPaused'),
        onClick: () =>
          resume.mutate(
            { path: { id } },
            { onError: (error) => tell({ title: name, detail: error.message, intent: 'error' }) },
          ),
      },
      { label: common('remove'), needs: 'DELETE /v1/connectors/{id}', onClick: () => open('remove', id) },
    ];
  };

  const columns = useMemo<Column<Connector>[]>(
    () => [
      {
        id: 'name',
        header: common('name'),
        cell: ({ id, name }) => (
          <PageLink to="/admin/hub/integrations/$id" params={{ id }}>
            {name}
          </PageLink>
        ),
      },
      { id: 'account', header: t('columnAccount'), cell: ({ accountId }) => accountId },
      { id: 'country', header: t('columnCountry'), cell: ({ country }) => country, width: '6rem' },
      { id: 'currency', header: t('columnCurrency'), cell: ({ currency }) => currency, width: '6rem' },
      { id: 'status', header: common('status'), cell: (row) => <Status connector={row} /> },
      { id: 'verified', header: t('columnVerified'), cell: (row) => <Verified connector={row} /> },
      { id: 'budget', header: t('columnBudget'), cell: ({ id }) => <BudgetUsed id={id} /> },
      {
        id: 'activity',
        header: t('columnActivity'),
        cell: ({ id, name }) => (
          <AccountsRun
            runId={started[id] ?? running.find(({ connectorId }) => connectorId === id)?.id}
            connectorName={name}
          />
        ),
      },
    ],
    [common, t, started, running],
  );

  const chosen = list.rows.find(({ id }) => id === search.id);
  return (
    <Page title={t('title')}>
      <HubTabs value="integrations" />
      <section className={styles.section} aria-label={t('available')}>
        <Title3 as="h2">{t('available')}</Title3>
        <div className={styles.card}>
          <div className={styles.cell}>
            <Text weight="semibold">{t('card')}</Text>
            <Text>{t('cardDetail')}</Text>
          </div>
          <ActionButton appearance="primary" needs="POST /v1/connectors" onClick={() => open('create')}>
            {common('create')}
          </ActionButton>
        </div>
      </section>
      <section className={styles.section} aria-label={t('own')}>
        <Title3 as="h2">{t('own')}</Title3>
        <DataList
          label={t('own')}
          list={list}
          columns={columns}
          rowKey={keyOf}
          rowName={nameOf}
          actions={actionsFor}
          marked={search.marked}
          height="calc(100dvh - 26rem)"
          empty={
            <Empty title={t('emptyTitle')} detail={t('emptyDetail')}>
              <ActionButton needs="POST /v1/connectors" onClick={() => open('create')}>
                {t('connect')}
              </ActionButton>
            </Empty>
          }
        />
      </section>
      <Suspense fallback={null}>
        {search.drawer === 'create' && (
          <ConnectorDrawer
            onClose={close}
            onSaved={({ id }) =>
              void navigate({
                search: (before) => ({ ...before, drawer: undefined, id: undefined, marked: id }),
              })
            }
          />
        )}
        {chosen && search.drawer === 'edit' && (
          <ConnectorDrawer key={chosen.id} connector={chosen} onClose={close} />
        )}
        {chosen && search.drawer === 'verify' && (
          <VerifyDrawer connector={chosen} onSync={() => syncAccounts(chosen)} onClose={close} />
        )}
        {chosen && search.drawer === 'remove' && <RemoveDialog connector={chosen} onClose={close} />}
        {chosen && search.drawer === 'pause' && <PauseDialog connector={chosen} onClose={close} />}
      </Suspense>
    </Page>
  );
}

function Status({ connector: { status, paused } }: { connector: Connector }): ReactNode {
  const t = useTexts(integrations);
  const word = useWord(integrations);
  const styles = useStyles();
  const format = formatOf(useLanguage());
  return (
    <span className={styles.cell}>
      <StatusBadge tone={status === 'active' ? 'good' : 'warning'}>{word('status', status)}</StatusBadge>
      {paused && (
        <>
          <Text size={200}>
            {t('pausedBy', { cause: forPeople(paused.detail), by: paused.by, ago: format.ago(paused.since) })}
          </Text>
          <Text size={200} weight="semibold">
            {forPeople(paused.nextStep)}
          </Text>
        </>
      )}
    </span>
  );
}

/** The calls of the last 24 hours; a dash as long as they are not known. */
function BudgetUsed({ id }: { id: string }): ReactNode {
  const t = useTexts(integrations);
  const common = useCommon();
  const format = formatOf(useLanguage());
  const { data, error } = useOne('/v1/connectors/{id}/budget', { path: { id } }, { every: 60_000 });
  if (!data || error) return common('dash');
  const used = format.number(data.usedToday);
  return (
    <PageLink to="/admin/hub/integrations/$id" params={{ id }} search={{ tab: 'budget' }}>
      {data.perDay === null ? used : t('budgetOf', { used, most: format.number(data.perDay) })}
    </PageLink>
  );
}

function Verified({ connector: { verification } }: { connector: Connector }): ReactNode {
  const t = useTexts(integrations);
  const word = useWord(integrations);
  const format = formatOf(useLanguage());
  if (!verification) return t('notVerified');
  const ago = format.ago(verification.checkedAt);
  const failed = verification.steps.find(({ ok }) => !ok);
  if (failed)
    return (
      <StatusBadge tone="bad">{t('verifiedFailed', { step: word('step', failed.step), ago })}</StatusBadge>
    );
  const total = verification.steps.length;
  return <StatusBadge tone="good">{t('verifiedOk', { passed: total, total, ago })}</StatusBadge>;
}
