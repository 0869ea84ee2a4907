import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react';
import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { api, saveFile } from '../../data/api.ts';
import { useConnectors } from '../../data/connectors.ts';
import { useFollowed } from '../../data/follow.ts';
import { refresh, useCommand, useList, useOne } from '../../data/queries.ts';
import { ProblemMessage } from '../../parts/feedback/problem.tsx';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { FilterTabs } from '../../parts/list/filters.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { Page } from '../../parts/show/page.tsx';
import { isOpen, RunBar, RunStatus } from '../../parts/show/run-bar.tsx';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts } from '../../texts/use-texts.ts';
import { catalogueTabs, countsOf } from './catalogue-values.ts';
import { PartNumbers } from './part-numbers.tsx';
import { Products } from './products.tsx';
import { catalogue } from './texts.ts';

const SureDrawer = lazy(() => import('./sure-drawer.tsx'));
const ImportDrawer = lazy(() => import('./import-drawer.tsx'));

const route = getRouteApi('/catalogue');
const noKeys: ReadonlySet<string> = new Set();
const useStyles = makeStyles({
  read: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM, alignItems: 'center' },
});

/** What Ingram Micro sells, and what each part number in use stands for. */
export function CataloguePage(): ReactNode {
  const t = useTexts(catalogue);
  const common = useCommon();
  const tell = useToast();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { chosen, connectors } = useConnectors();
  const { tab = 'to-map' } = search;
  const [selected, setSelected] = useState(noKeys);
  const { data: counts } = useOne('/v1/part-numbers/counts', {
    query: chosen ? { connectorId: chosen } : {},
  });
  const countOf = countsOf(counts?.data);
  // Files and runs are of one catalogue.
  const connectorId = chosen ?? (connectors.length === 1 ? connectors[0]?.id : undefined);
  const without = connectorId ? undefined : t('chooseConnector');
  const start = useCommand('post', '/v1/catalog-syncs', { changes: ['/v1/catalog-syncs'] });

  const go = (some: Partial<typeof search>): void =>
    void navigate({ search: (before) => ({ ...before, ...some }) });
  const close = (): void => go({ drawer: undefined, part: undefined, product: undefined });
  const failed = (error: Error): void => tell({ title: t('title'), detail: error.message, intent: 'error' });
  const exportMappings = async (): Promise<void> => {
    const file = 'part-number-mappings.csv';
    saveFile(file, await api.csv('/v1/mappings/export', { query: { connectorId: connectorId! } }));
    tell({ title: common('csvDone', { file }) });
  };

  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      actions={
        <>
          <ActionButton needs="POST /v1/part-numbers/mappings" onClick={() => go({ drawer: 'sure' })}>
            {t('mapSure')}
          </ActionButton>
          <ActionButton reason={without} onClick={() => void exportMappings().catch(failed)}>
            {t('exportMappings')}
          </ActionButton>
          <ActionButton
            needs="POST /v1/mappings/import"
            reason={without}
            onClick={() => go({ drawer: 'import' })}
          >
            {t('importMappings')}
          </ActionButton>
          <ActionButton
            needs="POST /v1/catalog-syncs"
            reason={without}
            isBusy={start.isPending}
            onClick={() =>
              start.mutate(
                { body: { connectorId: connectorId! } },
                {
                  onSuccess: ({ id }) =>
                    tell({
                      title: t('reading'),
                      intent: 'info',
                      next: (
                        <PageLink to="/sync-runs/$kind/$id" params={{ kind: 'catalog', id }}>
                          {t('toRun')}
                        </PageLink>
                      ),
                    }),
                },
              )
            }
          >
            {t('readNow')}
          </ActionButton>
        </>
      }
    >
      <ProblemMessage error={start.error} />
      <LastRead connectorId={connectorId} />
      <FilterTabs
        label={t('tabs')}
        value={tab}
        tabs={catalogueTabs.map((value) => ({ value, label: t(`tab-${value}`), count: countOf[value] }))}
        onChange={(value) => {
          setSelected(noKeys);
          go({
            ...{ tab: value === 'to-map' ? undefined : value, q: undefined, state: undefined },
            ...{ drawer: undefined, part: undefined, product: undefined },
          });
        }}
      />
      {tab === 'products' || tab === 'prices' ? (
        <Products key={tab} view={tab} connectorId={chosen} onClose={close} />
      ) : (
        <PartNumbers
          key={tab}
          isQueue={tab === 'to-map'}
          connectorId={chosen}
          selected={selected}
          onSelect={setSelected}
          onClose={close}
        />
      )}
      <Suspense fallback={null}>
        {search.drawer === 'sure' && <SureDrawer connectorId={chosen} selected={selected} onClose={close} />}
        {search.drawer === 'import' && connectorId && (
          <ImportDrawer connectorId={connectorId} onClose={close} />
        )}
      </Suspense>
    </Page>
  );
}

/** When the catalogue was last read; how far that is while it goes on. */
function LastRead({ connectorId }: { connectorId: string | undefined }): ReactNode {
  const t = useTexts(catalogue);
  const styles = useStyles();
  const client = useQueryClient();
  const format = formatOf(useLanguage());
  const { rows } = useList(
    '/v1/catalog-syncs',
    { query: { limit: 1, ...(connectorId && { connectorId }) } },
    { every: 30_000 },
  );
  const [last] = rows;
  const { now } = useFollowed('/v1/catalog-syncs', last && isOpen(last) ? last.id : undefined);
  const run = now?.id === last?.id ? (now ?? last) : last;
  const wasOpen = useRef(false);
  const isReading = run !== undefined && isOpen(run);
  useEffect(() => {
    // What was read may resolve what nobody has to decide any more.
    if (wasOpen.current && !isReading)
      void Promise.all([refresh(client, '/v1/part-numbers'), refresh(client, '/v1/products')]);
    wasOpen.current = isReading;
  }, [isReading, client]);
  if (!run) return null;
  return (
    <div className={styles.read}>
      {isReading ? (
        <RunBar run={run} />
      ) : (
        <>
          <RunStatus run={run} />
          <Text>{t('lastRead', { ago: format.ago(run.finishedAt) })}</Text>
        </>
      )}
      <PageLink to="/sync-runs/$kind/$id" params={{ kind: 'catalog', id: run.id }}>
        {t('toRun')}
      </PageLink>
    </div>
  );
}
