import { lazy, Suspense, useMemo, type ReactNode } from 'react';
import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { getRouteApi } from '@tanstack/react-router';
import { useConnectors } from '../../data/connectors.ts';
import { useList } from '../../data/queries.ts';
import type { RowAction } from '../../parts/form/row-menu.tsx';
import { DayFilter, FilterBar, FilterTabs, SearchFilter, SelectFilter } from '../../parts/list/filters.tsx';
import { DataList, Empty, type Column } from '../../parts/list/list.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { Page } from '../../parts/show/page.tsx';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { SetupCard } from './setup-card.tsx';
import { work365 } from './texts.ts';
import { callsOf, results, tabs, writeKinds, writesOf, writeStatuses, type Call } from './work365-filters.ts';
import { Writes } from './writes.tsx';

const KeyDrawer = lazy(() => import('./key-drawer.tsx'));

const route = getRouteApi('/developers/work365');
const keyOf = ({ id }: Call): string => id;
const nameOf = ({ method, route: template, correlationId }: Call): string =>
  `${method} ${template} ${correlationId}`;

const useStyles = makeStyles({
  cell: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'start' },
  quiet: { color: tokens.colorNeutralForeground2 },
  id: { overflowWrap: 'anywhere' },
});

/** How Work 365 is set up, what it called, and what it asked to be changed. */
export function Work365Page(): ReactNode {
  const t = useTexts(work365);
  const word = useWord(work365);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { connectors, chosen } = useConnectors();
  /** Keys are of one connector: the chosen one, or the only one. */
  const connector =
    connectors.find(({ id }) => id === chosen) ?? (connectors.length === 1 ? connectors[0] : undefined);
  const keys = useList(
    '/v1/connectors/{id}/api-keys',
    { path: { id: connector?.id ?? '' } },
    { enabled: connector !== undefined, every: 60_000 },
  );
  const { tab = 'calls' } = search;
  const go = (some: Partial<typeof search>): void =>
    void navigate({ search: (before) => ({ ...before, ...some }) });
  const days = (
    <>
      <DayFilter label={t('from')} value={search.from} onChange={(from) => go({ from })} />
      <DayFilter label={t('to')} value={search.to} onChange={(to) => go({ to })} />
    </>
  );

  return (
    <Page title={t('title')} lead={t('lead')}>
      <SetupCard
        connector={connector}
        keys={connector ? keys.rows : []}
        keysError={connector ? keys.error : null}
        onIssue={() => go({ drawer: 'key' })}
      />
      <FilterTabs
        label={t('tabs')}
        value={tab}
        tabs={tabs.map((value) => ({ value, label: t(`tab-${value}`) }))}
        onChange={(value) => go({ tab: value === 'calls' ? undefined : value })}
      />
      {tab === 'calls' ? (
        <>
          <FilterBar>
            <SearchFilter label={t('correlation')} value={search.q} onChange={(q) => go({ q })} />
            <SelectFilter
              label={t('result')}
              value={search.result}
              options={results.map((value) => ({ value, label: t(`result-${value}`) }))}
              onChange={(result) => go({ result })}
            />
            {keys.rows.length > 1 && (
              <SelectFilter
                label={t('key')}
                value={search.key}
                options={keys.rows.map(({ id, label }) => ({ value: id, label }))}
                onChange={(key) => go({ key })}
              />
            )}
            {days}
          </FilterBar>
          <Calls />
        </>
      ) : (
        <>
          <FilterBar>
            <SelectFilter
              label={t('kind')}
              value={search.kind}
              options={writeKinds.map((value) => ({ value, label: word('kind', value) }))}
              onChange={(kind) => go({ kind })}
            />
            <SelectFilter
              label={t('state')}
              value={search.status}
              options={writeStatuses.map((value) => ({ value, label: word('status', value) }))}
              onChange={(status) => go({ status })}
            />
            {days}
          </FilterBar>
          <Writes filters={writesOf({ ...search, connectorId: chosen })} />
        </>
      )}
      <Suspense fallback={null}>
        {connector && search.drawer === 'key' && (
          <KeyDrawer connector={connector} onClose={() => go({ drawer: undefined })} />
        )}
      </Suspense>
    </Page>
  );
}

function Calls(): ReactNode {
  const t = useTexts(work365);
  const common = useCommon();
  const search = route.useSearch();
  const { chosen: connectorId, nameOf: connectorName } = useConnectors();
  const filters = callsOf({ ...search, connectorId });
  const list = useList('/v1/work365/calls', { query: filters }, { every: 10_000 });
  const styles = useStyles();
  const language = useLanguage();
  const columns = useMemo<Column<Call>[]>(() => {
    const format = formatOf(language);
    return [
      {
        id: 'at',
        header: t('at'),
        width: '11rem',
        cell: ({ at }) => (
          <time dateTime={at} title={format.ago(at)}>
            {`${format.day(at)}, ${format.time(at)}`}
          </time>
        ),
      },
      {
        id: 'call',
        header: t('call'),
        cell: ({ method, route: template }) => <code>{`${method} ${template}`}</code>,
      },
      {
        id: 'status',
        header: common('status'),
        width: '6rem',
        cell: ({ status }) => (
          <StatusBadge tone={status >= 500 ? 'bad' : status >= 400 ? 'warning' : 'good'}>
            {status}
          </StatusBadge>
        ),
      },
      {
        id: 'took',
        header: t('took'),
        isNumber: true,
        width: '6rem',
        cell: ({ tookMs }) => t('ms', { ms: format.number(tookMs) }),
      },
      {
        id: 'key',
        header: t('key'),
        cell: ({ apiKeyLabel, connectorId: id }) => (
          <span className={styles.cell}>
            <span>{apiKeyLabel}</span>
            <Text size={200} className={styles.quiet}>
              {connectorName(id)}
            </Text>
          </span>
        ),
      },
      {
        id: 'correlation',
        header: common('correlationId'),
        width: '20rem',
        cell: ({ correlationId }) => <code className={styles.id}>{correlationId}</code>,
      },
    ];
  }, [t, common, styles, language, connectorName]);
  const actionsFor = ({ correlationId }: Call): RowAction[] => [
    {
      label: t('copyCorrelation'),
      onClick: () => void navigator.clipboard.writeText(correlationId),
    },
  ];
  return (
    <DataList
      label={t('tab-calls')}
      list={list}
      columns={columns}
      rowKey={keyOf}
      rowName={nameOf}
      actions={actionsFor}
      empty={
        Object.keys(filters).some((name) => name !== 'connectorId') ? (
          <Empty title={t('noCall')} detail={t('noCallDetail')}>
            <PageLink to="/developers/work365">{t('showAll')}</PageLink>
          </Empty>
        ) : (
          <Empty title={t('neverCalled')} detail={t('neverCalledDetail')} />
        )
      }
    />
  );
}
