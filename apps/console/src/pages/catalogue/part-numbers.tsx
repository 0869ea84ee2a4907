import { lazy, Suspense, useMemo, type ReactNode } from 'react';
import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { getRouteApi } from '@tanstack/react-router';
import { useConnectors } from '../../data/connectors.ts';
import { useList } from '../../data/queries.ts';
import type { RowAction } from '../../parts/form/row-menu.tsx';
import { FilterBar, SearchFilter, SelectFilter } from '../../parts/list/filters.tsx';
import { DataList, Empty, type Column } from '../../parts/list/list.tsx';
import { useOrderWords } from '../../parts/order/order-words.tsx';
import { StatusBadge, type Tone } from '../../parts/show/badges.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { mappingStates, waitingStates, type PartNumber } from './catalogue-values.ts';
import { catalogue } from './texts.ts';

const DecideDrawer = lazy(() => import('./decide-drawer.tsx'));

const route = getRouteApi('/catalogue');
const keyOf = ({ id }: PartNumber): string => id;
const nameOf = ({ partNumber }: PartNumber): string => partNumber;
const tones: Readonly<Record<PartNumber['state'], Tone>> = {
  unmapped: 'warning',
  ambiguous: 'warning',
  mapped: 'good',
  excluded: 'neutral',
};
/** Each brings its suggestion, which is looked for one by one. */
const withSuggestions = 50;

const useStyles = makeStyles({
  cell: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'start' },
  quiet: { color: tokens.colorNeutralForeground2 },
  code: { overflowWrap: 'anywhere' },
});

interface PartNumbersProps {
  /** Only those somebody has to decide about. */
  isQueue: boolean;
  connectorId: string | undefined;
  selected: ReadonlySet<string>;
  onSelect: (keys: ReadonlySet<string>) => void;
  onClose: () => void;
}

/** Part numbers in use; of those to map, what fits best, and how many subscriptions wait. */
export function PartNumbers(props: PartNumbersProps): ReactNode {
  const { isQueue, connectorId, selected, onSelect, onClose } = props;
  const t = useTexts(catalogue);
  const word = useWord(catalogue);
  const common = useCommon();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { q, state } = search;
  const list = useList('/v1/part-numbers', {
    query: {
      sort: 'subscriptions',
      ...(connectorId && { connectorId }),
      ...(q && { q }),
      ...(isQueue
        ? { state: ['unmapped', 'ambiguous'], suggest: true, limit: withSuggestions }
        : state && { state: [state] }),
    },
  });
  const columns = useColumns(isQueue);
  const go = (some: Partial<typeof search>): void =>
    void navigate({ search: (before) => ({ ...before, ...some }) });
  const actionsFor = ({ id }: PartNumber): RowAction[] => [
    { label: t('decide'), onClick: () => go({ drawer: 'decide', part: id }) },
  ];
  const chosen = list.rows.find(({ id }) => id === search.part);
  const isFiltered = Boolean(q ?? state ?? connectorId);

  return (
    <>
      <FilterBar>
        <SearchFilter label={common('search')} value={q} onChange={(value) => go({ q: value })} />
        {!isQueue && (
          <SelectFilter
            label={t('state')}
            value={state}
            options={mappingStates.map((value) => ({ value, label: word('state', value) }))}
            onChange={(value) => go({ state: value })}
          />
        )}
      </FilterBar>
      <DataList
        label={t(isQueue ? 'tab-to-map' : 'tab-part-numbers')}
        list={list}
        columns={columns}
        rowKey={keyOf}
        rowName={nameOf}
        actions={actionsFor}
        selection={isQueue ? { keys: selected, onChange: onSelect } : undefined}
        marked={search.part}
        empty={
          isQueue && !isFiltered ? (
            <Empty title={t('allMappedTitle')} detail={t('allMappedDetail')}>
              <PageLink to="/catalogue" search={{ tab: 'part-numbers' }}>
                {t('toPartNumbers')}
              </PageLink>
            </Empty>
          ) : (
            <Empty title={t('noPartTitle')} detail={t('noPartDetail')} />
          )
        }
      />
      <Suspense fallback={null}>
        {chosen && search.drawer === 'decide' && (
          <DecideDrawer key={chosen.id} part={chosen} onClose={onClose} />
        )}
      </Suspense>
    </>
  );
}

function useColumns(isQueue: boolean): Column<PartNumber>[] {
  const t = useTexts(catalogue);
  const word = useWord(catalogue);
  const common = useCommon();
  const words = useOrderWords();
  const styles = useStyles();
  const language = useLanguage();
  const { connectors, nameOf: connectorName } = useConnectors();
  return useMemo(() => {
    const format = formatOf(language);
    return [
      {
        id: 'partNumber',
        header: t('partNumber'),
        cell: ({ id, partNumber, seenName }) => (
          <span className={styles.cell}>
            <PageLink
              to="/catalogue"
              search={(before: object) => ({ ...before, drawer: 'decide' as const, part: id })}
            >
              <code className={styles.code}>{partNumber}</code>
            </PageLink>
            {seenName && (
              <Text size={200} className={styles.quiet}>
                {seenName}
              </Text>
            )}
          </span>
        ),
      },
      ...(connectors.length > 1
        ? [
            {
              id: 'connector',
              header: common('connector'),
              cell: (row: PartNumber) => connectorName(row.connectorId),
            },
          ]
        : []),
      {
        id: 'periods',
        header: t('periods'),
        cell: ({ term, billingPeriod }) =>
          [term, billingPeriod].map((period) => words.period(period)).join(' / '),
      },
      {
        id: 'state',
        header: t('state'),
        width: '11rem',
        cell: ({ state, decidedBy, reason }) => (
          <span className={styles.cell}>
            <StatusBadge tone={tones[state]}>{word('state', state)}</StatusBadge>
            <Text size={200} className={styles.quiet}>
              {waitingStates.includes(state) ? reason : decidedBy ? word('by', decidedBy) : null}
            </Text>
          </span>
        ),
      },
      {
        id: 'subscriptions',
        header: t('subscriptions'),
        isNumber: true,
        width: '7rem',
        cell: ({ subscriptions }) => format.number(subscriptions),
      },
      ...(isQueue
        ? [
            {
              id: 'best',
              header: t('best'),
              cell: ({ bestSuggestion: best }: PartNumber) =>
                best ? (
                  <span className={styles.cell}>
                    <span>{best.name}</span>
                    <Text size={200} className={styles.quiet}>
                      {t('score', { score: best.score })}
                    </Text>
                    {best.sure && <StatusBadge tone="good">{t('sure')}</StatusBadge>}
                    {best.tied && <StatusBadge tone="warning">{t('tied')}</StatusBadge>}
                  </span>
                ) : (
                  t('noSuggestion')
                ),
            },
          ]
        : []),
    ];
  }, [t, word, common, words, styles, language, connectors.length, connectorName, isQueue]);
}
