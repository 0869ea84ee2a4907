import { lazy, Suspense, type ReactNode } from 'react';
import {
  Link,
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  tokens,
} from '@fluentui/react-components';
import type { Connector } from '@isthmus/sdk';
import { getRouteApi } from '@tanstack/react-router';
import { forPeople } from '../../parts/feedback/for-people.ts';
import { useCommand, useOne } from '../../data/queries.ts';
import { useMe } from '../../data/session.tsx';
import { ProblemMessage } from '../../parts/feedback/problem.tsx';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { FilterTabs } from '../../parts/list/filters.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { Facts, Page } from '../../parts/show/page.tsx';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { integrations } from '../integrations/texts.ts';
import { connectorTabs, controlPanelOf, type ConnectorTab } from './connector-view.ts';
import { connectorTexts } from './texts.ts';

const ConnectorDrawer = lazy(() => import('../integrations/connector-drawer.tsx'));
const PauseDialog = lazy(() => import('../integrations/pause-dialog.tsx'));
const RemoveDialog = lazy(() => import('../integrations/remove-dialog.tsx'));
const tabs: Record<ConnectorTab, ReturnType<typeof lazy<(props: { connector: Connector }) => ReactNode>>> = {
  timeline: lazy(() => import('./timeline-tab.tsx')),
  settings: lazy(() => import('./settings-tab.tsx')),
  verification: lazy(() => import('./verification-tab.tsx')),
  budget: lazy(() => import('./budget-tab.tsx')),
  keys: lazy(() => import('./keys-tab.tsx')),
};

const route = getRouteApi('/admin/hub/integrations/$id');

const useStyles = makeStyles({
  links: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalL, alignItems: 'center' },
  tab: {
    display: 'grid',
    gap: tokens.spacingVerticalM,
    gridTemplateColumns: 'minmax(0, 1fr)',
    alignContent: 'start',
    minHeight: '12rem',
  },
});

/** One connector: what happened to it, how it is set up, whether it is let in, what it uses, and who may speak for it. */
export function ConnectorPage(): ReactNode {
  const { id } = route.useParams();
  const { data, error, refetch } = useOne('/v1/connectors/{id}', { path: { id } });
  const t = useTexts(connectorTexts);
  return (
    <Page title={data?.name ?? t('title')} actions={data && <Actions connector={data} />}>
      {data ? (
        <OneConnector connector={data} />
      ) : (
        <>
          <PageLink to="/admin/hub/integrations">{t('back')}</PageLink>
          <ProblemMessage error={error} onRetry={() => void refetch()} />
        </>
      )}
    </Page>
  );
}

function OneConnector({ connector }: { connector: Connector }): ReactNode {
  const t = useTexts(connectorTexts);
  const word = useWord(integrations);
  const styles = useStyles();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { controlPanelUrlTemplate } = useMe();
  const { id, status, paused } = connector;
  const tab = search.tab ?? 'timeline';
  const Tab = tabs[tab];
  const panel = controlPanelOf(connector, controlPanelUrlTemplate);
  const close = (): void => void navigate({ search: (before) => ({ ...before, drawer: undefined }) });

  return (
    <>
      <div className={styles.links}>
        <PageLink to="/admin/hub/integrations">{t('back')}</PageLink>
        <StatusBadge tone={status === 'active' ? 'good' : 'warning'}>{word('status', status)}</StatusBadge>
        {panel && (
          <Link href={panel} target="_blank" rel="noreferrer noopener" inline>
            {t('controlPanel')}
          </Link>
        )}
      </div>
      {paused && <Paused paused={paused} />}
      <Freshness connectorId={id} />
      <FilterTabs
        label={t('tabs')}
        value={tab}
        tabs={connectorTabs.map((value) => ({ value, label: t(`tab-${value}`) }))}
        onChange={(next) =>
          void navigate({ search: (before) => ({ ...before, tab: next, only: undefined }) })
        }
      />
      <section className={styles.tab} aria-label={t(`tab-${tab}`)}>
        <Suspense fallback={null}>
          <Tab connector={connector} />
        </Suspense>
      </section>
      <Suspense fallback={null}>
        {search.drawer === 'edit' && <ConnectorDrawer key={id} connector={connector} onClose={close} />}
        {search.drawer === 'pause' && <PauseDialog connector={connector} onClose={close} />}
        {search.drawer === 'remove' && <RemoveDialog connector={connector} onClose={close} />}
      </Suspense>
    </>
  );
}

function Paused({ paused }: { paused: NonNullable<Connector['paused']> }): ReactNode {
  const t = useTexts(integrations);
  const format = formatOf(useLanguage());
  const { detail, by, since, nextStep } = paused;
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>
          {t('pausedBy', { cause: forPeople(detail), by, ago: format.ago(since) })}
        </MessageBarTitle>
        {forPeople(nextStep)}
      </MessageBarBody>
    </MessageBar>
  );
}

/** What can be done with the connector as a whole; changing its settings is on its tab. */
function Actions({ connector: { id, name, status, paused } }: { connector: Connector }): ReactNode {
  const t = useTexts(integrations);
  const common = useCommon();
  const tell = useToast();
  const navigate = route.useNavigate();
  const start = useCommand('post', '/v1/sync-runs', { changes: ['/v1/sync-runs', '/v1/connectors'] });
  const resume = useCommand('post', '/v1/connectors/{id}/resume', { changes: ['/v1/connectors'] });
  const isPaused = status === 'paused';
  const open = (drawer: 'pause' | 'remove'): void =>
    void navigate({ search: (before) => ({ ...before, drawer }) });
  const sync = (): void =>
    start.mutate(
      { body: { connectorId: id, scope: 'accounts', depth: 'full' } },
      {
        onSuccess: (run) =>
          tell({
            title: t('running'),
            detail: t('runningNext'),
            intent: 'info',
            next: (
              <PageLink to="/sync-runs/$kind/$id" params={{ kind: 'account', id: run.id }}>
                {t('toRun')}
              </PageLink>
            ),
          }),
        onError: (error) => tell({ title: t('runFailed'), detail: error.message, intent: 'error' }),
      },
    );
  return (
    <>
      <ActionButton
        needs="POST /v1/sync-runs"
        reason={isPaused ? t('pausedReason') : undefined}
        isBusy={start.isPending}
        onClick={sync}
      >
        {t('syncAccounts')}
      </ActionButton>
      {isPaused && (
        <ActionButton
          appearance="primary"
          needs="POST /v1/connectors/{id}/resume"
          isBusy={resume.isPending}
          onClick={() =>
            resume.mutate(
              { path: { id } },
              { onError: (error) => tell({ title: name, detail: error.message, intent: 'error' }) },
            )
          }
        >
          {t('resume')}
        </ActionButton>
      )}
      {(!isPaused || paused?.automatic) && (
        <ActionButton needs="POST /v1/connectors/{id}/pause" onClick={() => open('pause')}>
          {t('pause')}
        </ActionButton>
      )}
      <ActionButton needs="DELETE /v1/connectors/{id}" onClick={() => open('remove')}>
        {common('remove')}
      </ActionButton>
    </>
  );
}

function Freshness({ connectorId }: { connectorId: string }): ReactNode {
  const t = useTexts(connectorTexts);
  const common = useCommon();
  const format = formatOf(useLanguage());
  const { data } = useOne('/v1/sync-runs/freshness', {}, { every: 30_000 });
  const found = data?.find((one) => one.connectorId === connectorId);
  const number = (value: number | undefined): string =>
    value === undefined ? common('dash') : format.number(value);
  const run = found?.runningRunId ?? found?.heldRunId;
  return (
    <Facts
      facts={[
        { term: t('accounts'), value: number(found?.accounts) },
        { term: t('subscriptions'), value: number(found?.subscriptions) },
        { term: t('accountsAsOf'), value: format.ago(found?.accountsAsOf) },
        { term: t('subscriptionsAsOf'), value: format.ago(found?.subscriptionsAsOf) },
        ...(run
          ? [
              {
                term: t(found?.runningRunId ? 'runNow' : 'runHeld'),
                value: (
                  <PageLink to="/sync-runs/$kind/$id" params={{ kind: 'account', id: run }}>
                    {t('showRun')}
                  </PageLink>
                ),
              },
            ]
          : []),
      ]}
    />
  );
}
