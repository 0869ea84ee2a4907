import { lazy, Suspense, useMemo, type ReactNode } from 'react';
import { getRouteApi } from '@tanstack/react-router';
import { useConnectors } from '../../data/connectors.ts';
import { useList } from '../../data/queries.ts';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { FilterBar, FilterTabs, SelectFilter } from '../../parts/list/filters.tsx';
import { DataList, Empty, type Column } from '../../parts/list/list.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { Page } from '../../parts/show/page.tsx';
import { isOpen, RunBar, RunCounts, RunStatus, type AnyRun } from '../../parts/show/run-bar.tsx';
import { who } from '../../parts/show/texts.ts';
import { formatOf } from '../../texts/format.ts';
import { runs } from '../../texts/runs.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { runKinds, runStatuses } from './route.ts';
import { syncRuns } from './texts.ts';

const StartDrawer = lazy(() => import('./start-drawer.tsx'));

const route = getRouteApi('/sync-runs');
const keyOf = ({ id }: AnyRun): string => id;
const scopes = ['accounts', 'subscriptions', 'orders', 'reports'] as const;
const triggers = ['person', 'schedule', 'event'] as const;

/** Runs of both kinds, newest first; those that go on are kept up to date. */
export function SyncRunsPage(): ReactNode {
  const t = useTexts(syncRuns);
  const common = useCommon();
  const word = useWord(runs);
  const by = useWord(who);
  const format = formatOf(useLanguage());
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { chosen: connectorId, nameOf } = useConnectors();
  const { kind = 'account', status, scope, trigger } = search;
  const isCatalog = kind === 'catalog';

  const filters = {
    ...(connectorId && { connectorId }),
    ...(status && { status }),
    ...(trigger && { trigger }),
  };
  const every = { every: 10_000 };
  const accountRuns = useList(
    '/v1/sync-runs',
    { query: { ...filters, ...(scope && { scope }) } },
    { ...every, enabled: !isCatalog },
  );
  const catalogRuns = useList('/v1/catalog-syncs', { query: filters }, { ...every, enabled: isCatalog });

  const columns = useMemo<Column<AnyRun>[]>(
    () => [
      {
        id: 'scope',
        header: t('scope'),
        cell: (run) => (
          <PageLink to="/sync-runs/$kind/$id" params={{ kind, id: run.id }}>
            {kind === 'catalog' ? t('kind-catalog') : word('scope', run.scope)}
          </PageLink>
        ),
      },
      { id: 'connector', header: common('connector'), cell: ({ connectorId: id }) => nameOf(id) },
      { id: 'depth', header: t('depth'), cell: ({ depth }) => word('depth', depth) },
      {
        id: 'status',
        header: common('status'),
        cell: (run) => (isOpen(run) ? <RunBar run={run} /> : <RunStatus run={run} />),
      },
      { id: 'result', header: t('result'), cell: (run) => <RunCounts run={run} /> },
      { id: 'started', header: t('started'), cell: ({ createdAt }) => format.moment(createdAt) },
      { id: 'by', header: t('startedBy'), cell: ({ requestedBy }) => by('by', requestedBy) },
    ],
    [t, common, word, by, format, nameOf, kind],
  );

  const change = (some: Partial<typeof search>): void =>
    void navigate({ search: (before) => ({ ...before, ...some }) });
  const options = <T extends string>(prefix: string, values: readonly T[]): { value: T; label: string }[] =>
    values.map((value) => ({ value, label: word(prefix, value) }));
  const shared = {
    label: t('title'),
    columns,
    rowKey: keyOf,
    rowName: (run: AnyRun) => word('scope', run.scope),
    empty: <Empty title={t('emptyTitle')} detail={t('emptyDetail')} />,
  };

  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      actions={
        <ActionButton
          appearance="primary"
          needs="POST /v1/sync-runs"
          onClick={() => change({ drawer: 'start' })}
        >
          {t('start')}
        </ActionButton>
      }
    >
      <FilterTabs
        label={t('kinds')}
        value={kind}
        tabs={runKinds.map((value) => ({ value, label: t(`kind-${value}`) }))}
        onChange={(value) => change({ kind: value, scope: undefined })}
      />
      <FilterBar>
        {!isCatalog && (
          <SelectFilter
            label={t('scope')}
            value={scope}
            options={options('scope', scopes)}
            onChange={(value) => change({ scope: value })}
          />
        )}
        <SelectFilter
          label={common('status')}
          value={status}
          options={options('status', runStatuses)}
          onChange={(value) => change({ status: value })}
        />
        <SelectFilter
          label={t('trigger')}
          value={trigger}
          options={options('trigger', triggers)}
          onChange={(value) => change({ trigger: value })}
        />
      </FilterBar>
      {isCatalog ? <DataList {...shared} list={catalogRuns} /> : <DataList {...shared} list={accountRuns} />}
      {search.drawer === 'start' && (
        <Suspense fallback={null}>
          <StartDrawer
            onClose={() => change({ drawer: undefined })}
            onStarted={(started) => void navigate({ to: '/sync-runs/$kind/$id', params: started })}
          />
        </Suspense>
      )}
    </Page>
  );
}
