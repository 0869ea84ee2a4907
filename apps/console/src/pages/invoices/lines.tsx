import { lazy, Suspense, useEffect, useMemo, type ReactNode } from 'react';
import { makeStyles, Text, tokens } from '@fluentui/react-components';
import type { List } from '../../data/queries.ts';
import type { RowAction } from '../../parts/form/row-menu.tsx';
import { FilterBar, SelectFilter } from '../../parts/list/filters.tsx';
import { DataList, Empty, type Column } from '../../parts/list/list.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { lineKinds, lineName, type Line } from './invoice-values.ts';
import { invoices } from './texts.ts';

const DecideDrawer = lazy(() => import('./decide-drawer.tsx'));

const keyOf = ({ id }: Line): string => id;
const useStyles = makeStyles({
  cell: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'start' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

interface LinesSearch {
  kind?: (typeof lineKinds)[number] | undefined;
  drawer?: 'decide' | undefined;
  line?: string | undefined;
}

interface LinesProps {
  label: string;
  list: List<Line>;
  /** Whether it is only of those that belong to nobody. */
  isUnmatched: boolean;
  search: LinesSearch;
  onSearch: (some: LinesSearch) => void;
}

/** Charges of Ingram Micro: whose each is, by what, or why that is not known; and the decision about it. */
export function Lines({ label, list, isUnmatched, search, onSearch }: LinesProps): ReactNode {
  const t = useTexts(invoices);
  const word = useWord(invoices);
  const columns = useColumns();
  const actionsFor = ({ id }: Line): RowAction[] => [
    {
      label: t('decide'),
      needs: 'PATCH /v1/rated-lines/{id}',
      onClick: () => onSearch({ drawer: 'decide', line: id }),
    },
  ];
  const chosen = list.rows.find(({ id }) => id === search.line);
  const { hasMore, isFetching, loadMore } = list;
  const isFurtherOn = search.line !== undefined && !chosen && hasMore && !isFetching;
  useEffect(() => {
    // The address names a line of a later page.
    if (isFurtherOn) loadMore();
  }, [isFurtherOn, loadMore]);
  return (
    <>
      <FilterBar>
        <SelectFilter
          label={t('kind')}
          value={search.kind}
          options={lineKinds.map((value) => ({ value, label: word('kind', value) }))}
          onChange={(kind) => onSearch({ kind })}
        />
      </FilterBar>
      <DataList
        label={label}
        list={list}
        columns={columns}
        rowKey={keyOf}
        rowName={lineName}
        actions={actionsFor}
        marked={search.line}
        empty={
          isUnmatched && !search.kind ? (
            <Empty title={t('allMatchedTitle')} detail={t('allMatchedDetail')} />
          ) : (
            <Empty title={t('noLineTitle')} detail={t('noLineDetail')} />
          )
        }
      />
      <Suspense fallback={null}>
        {chosen && search.drawer === 'decide' && (
          <DecideDrawer
            key={chosen.id}
            line={chosen}
            onClose={() => onSearch({ drawer: undefined, line: undefined })}
          />
        )}
      </Suspense>
    </>
  );
}

function useColumns(): Column<Line>[] {
  const t = useTexts(invoices);
  const word = useWord(invoices);
  const common = useCommon();
  const styles = useStyles();
  const language = useLanguage();
  return useMemo(() => {
    const format = formatOf(language);
    return [
      {
        id: 'row',
        header: t('row'),
        isNumber: true,
        width: '4rem',
        cell: ({ rowNo }) => format.number(rowNo),
      },
      {
        id: 'customer',
        header: t('customer'),
        cell: ({ customerName, cmpAccountId }) => (
          <span className={styles.cell}>
            <span>{customerName || common('dash')}</span>
            {cmpAccountId && (
              <Text size={200} className={styles.quiet}>
                {cmpAccountId}
              </Text>
            )}
          </span>
        ),
      },
      {
        id: 'what',
        header: t('what'),
        cell: ({ description, partNumber, mpn, subscriptionName, cmpSubscriptionId }) => (
          <span className={styles.cell}>
            <span>{description}</span>
            <Text size={200} className={styles.quiet}>
              {[partNumber ?? mpn, subscriptionName ?? cmpSubscriptionId].filter(Boolean).join(' · ')}
            </Text>
          </span>
        ),
      },
      {
        id: 'kind',
        header: t('kind'),
        width: '8rem',
        cell: ({ kind, chargeType }) => (
          <span className={styles.cell}>
            <span>{word('kind', kind)}</span>
            <Text size={200} className={styles.quiet}>
              {chargeType}
            </Text>
          </span>
        ),
      },
      {
        id: 'period',
        header: t('period'),
        cell: ({ chargeStart, chargeEnd }) => `${format.day(chargeStart)} – ${format.day(chargeEnd)}`,
      },
      {
        id: 'quantity',
        header: t('quantity'),
        isNumber: true,
        width: '6rem',
        cell: ({ quantity }) => quantity,
      },
      {
        id: 'total',
        header: t('total'),
        isNumber: true,
        cell: ({ total, currency }) => format.money({ amount: total, currency }),
      },
      { id: 'match', header: t('match'), cell: (line) => <Match line={line} /> },
    ];
  }, [t, word, common, styles, language]);
}

/** By what it was matched; or why nobody knows whose it is; or who said that it needs nobody. */
function Match({ line }: { line: Line }): ReactNode {
  const { matchedBy, unmatchedReason, excludedAt, decidedBy, decisionReason } = line;
  const t = useTexts(invoices);
  const word = useWord(invoices);
  const styles = useStyles();
  const why = matchedBy
    ? word('by', matchedBy)
    : unmatchedReason && excludedAt === null
      ? word('unmatched', unmatchedReason)
      : null;
  return (
    <span className={styles.cell}>
      <StatusBadge tone={excludedAt !== null ? 'neutral' : matchedBy ? 'good' : 'warning'}>
        {t(excludedAt !== null ? 'excluded' : matchedBy ? 'matched' : 'unmatched')}
      </StatusBadge>
      <Text size={200} className={styles.quiet}>
        {[why, decidedBy && t('decidedBy', { name: decidedBy }), decisionReason].filter(Boolean).join(' · ')}
      </Text>
    </span>
  );
}
