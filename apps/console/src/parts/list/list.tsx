import { useEffect, useMemo, useRef, useState, type CSSProperties, type ReactNode } from 'react';
import {
  Checkbox,
  makeStyles,
  mergeClasses,
  Skeleton,
  SkeletonItem,
  Spinner,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  Text,
  tokens,
} from '@fluentui/react-components';
import { tableFeatures, useTable, type ColumnDef } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import type { List } from '../../data/queries.ts';
import { useCommon } from '../../texts/use-texts.ts';
import { RowMenu, type RowAction } from '../form/action-button.tsx';
import { ListFoot, StaleMark } from './list-foot.tsx';
import { ProblemMessage } from '../feedback/problem.tsx';

export interface Column<T> {
  id: string;
  header: string;
  /** What the row shows there. */
  cell: (row: T) => ReactNode;
  /** CSS width, such as `8rem`; the rest is shared out. */
  width?: string;
  isNumber?: boolean;
}

export interface Selection {
  keys: ReadonlySet<string>;
  onChange: (keys: ReadonlySet<string>) => void;
}

interface DataListProps<T> {
  /** What it is a list of, for those who do not see it. */
  label: string;
  list: List<T>;
  /** Stable: made at module scope or by `useMemo`. */
  columns: readonly Column<T>[];
  rowKey: (row: T) => string;
  /** How a row is called, in the names of its checkbox and menu. */
  rowName: (row: T) => string;
  /** The gear menu; without it there is none. */
  actions?: (row: T) => readonly RowAction[];
  selection?: Selection | undefined;
  /** Why there is nothing, and what to do next: an `Empty`. */
  empty: ReactNode;
  /** Whether the list is offered as a file. */
  csv?: boolean;
  /** Of the row that something just happened to: it is marked and scrolled to. */
  marked?: string | undefined;
  /** `page`: as high as its rows, at most what is left of the window. */
  height?: string;
}

const features = tableFeatures({});
type Features = typeof features;
const estimatedHeight = 45;
/** Fewer are drawn all: then the browser's own search finds everything. */
const drawnAtOnce = 100;

const useStyles = makeStyles({
  list: { display: 'grid', gap: tokens.spacingVerticalS, minWidth: 0 },
  scroll: { overflow: 'auto', position: 'relative', minHeight: '8rem' },
  table: { minWidth: '40rem', tableLayout: 'auto' },
  header: {
    position: 'sticky',
    top: 0,
    zIndex: 1,
    backgroundColor: tokens.colorNeutralBackground1,
    boxShadow: `inset 0 -1px ${tokens.colorNeutralStroke1}`,
  },
  cell: {
    overflowWrap: 'anywhere',
    paddingBlock: tokens.spacingVerticalXS,
    height: 'auto',
    minHeight: '44px',
  },
  number: { textAlign: 'end', fontVariantNumeric: 'tabular-nums' },
  headerNumber: { '& > *': { justifyContent: 'flex-end' } },
  marked: { backgroundColor: tokens.colorBrandBackground2 },
  narrow: { width: '3rem' },
});

/** Rows of the API: filled page by page, virtualised, with selection, gear menus, file, and marks for what is old. */
export function DataList<T>(props: DataListProps<T>): ReactNode {
  const { label, list, columns, empty, csv = true, height = 'calc(100dvh - 19rem)' } = props;
  const t = useCommon();
  const styles = useStyles();
  const scroll = useRef<HTMLDivElement>(null);
  const isSlow = useDelayed(list.isLoading);
  const hasRows = list.rows.length > 0;

  if (list.error && !list.isStale && !hasRows)
    return <ProblemMessage error={list.error} onRetry={list.retry} />;
  if (list.isLoading) return isSlow ? <ListSkeleton columns={columns.length} /> : null;
  return (
    <div className={styles.list}>
      {list.isStale && list.error && <StaleMark asOf={list.asOf} error={list.error} onRetry={list.retry} />}
      {hasRows ? (
        <div
          ref={scroll}
          className={styles.scroll}
          style={{ maxHeight: `max(20rem, ${height})` }}
          // What scrolls must be reached by keyboard.
          tabIndex={0}
          role="region"
          aria-label={label}
          aria-busy={list.isFetching}
        >
          <Rows {...props} scroll={scroll} />
        </div>
      ) : (
        empty
      )}
      {(hasRows || list.isFetching) && <ListFoot list={list} csv={csv} label={label} />}
      {list.isFetching && !hasRows && <Spinner label={t('loading')} />}
    </div>
  );
}

type RowsProps<T> = DataListProps<T> & { scroll: React.RefObject<HTMLDivElement | null> };

function Rows<T>(props: RowsProps<T>): ReactNode {
  const { label, list, columns, rowKey, rowName, actions, selection, marked, scroll } = props;
  const t = useCommon();
  const styles = useStyles();
  const definitions = useMemo<ColumnDef<Features, T & object>[]>(
    () => columns.map(({ id, header, cell }) => ({ id, header, cell: ({ row }) => cell(row.original as T) })),
    [columns],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: list.rows as (T & object)[],
    getRowId: (row) => rowKey(row),
  });
  const rows = table.getRowModel().rows;
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => estimatedHeight,
    getItemKey: (index) => rows[index]!.id,
    overscan: 10,
    enabled: rows.length > drawnAtOnce,
  });
  const isVirtual = rows.length > drawnAtOnce;
  const drawn = isVirtual ? virtualizer.getVirtualItems() : undefined;
  const shown = drawn ? drawn.map(({ index }) => rows[index]!) : rows;
  const above = drawn?.[0]?.start ?? 0;
  const below = drawn ? virtualizer.getTotalSize() - (drawn.at(-1)?.end ?? 0) : 0;

  const last = drawn?.at(-1)?.index ?? 0;
  const { hasMore, isFetching, loadMore, error } = list;
  useEffect(() => {
    if (isVirtual && hasMore && !isFetching && !error && last >= rows.length - 20) loadMore();
  }, [isVirtual, hasMore, isFetching, error, last, rows.length, loadMore]);

  const markedIndex = marked === undefined ? -1 : rows.findIndex(({ id }) => id === marked);
  useEffect(() => {
    if (markedIndex < 0) return;
    if (isVirtual) virtualizer.scrollToIndex(markedIndex, { align: 'center' });
    else scroll.current?.querySelector(`[data-index="${markedIndex}"]`)?.scrollIntoView({ block: 'nearest' });
    // Once for each row that is marked, not for each time that the list is drawn.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [markedIndex]);

  const keys = selection?.keys;
  const chosen = keys ? rows.filter(({ id }) => keys.has(id)).length : 0;
  const toggle = (id: string): void => {
    const next = new Set(keys);
    if (!next.delete(id)) next.add(id);
    selection?.onChange(next);
  };
  const span = columns.length + (selection ? 1 : 0) + (actions ? 1 : 0);

  return (
    <Table className={styles.table} aria-label={label} aria-rowcount={list.hasMore ? -1 : rows.length + 1}>
      <TableHeader className={styles.header}>
        <TableRow>
          {selection && (
            <TableHeaderCell className={styles.narrow}>
              <Checkbox
                aria-label={t('selectAll')}
                checked={chosen === 0 ? false : chosen === rows.length ? true : 'mixed'}
                onChange={() =>
                  selection.onChange(chosen === rows.length ? new Set() : new Set(rows.map(({ id }) => id)))
                }
              />
            </TableHeaderCell>
          )}
          {columns.map(({ id, header, width, isNumber }) => (
            <TableHeaderCell
              key={id}
              className={mergeClasses(isNumber && styles.headerNumber)}
              style={widthOf(width)}
            >
              <Text weight="semibold">{header}</Text>
            </TableHeaderCell>
          ))}
          {actions && <TableHeaderCell className={styles.narrow} aria-label={t('actions')} />}
        </TableRow>
      </TableHeader>
      <TableBody>
        {above > 0 && <Spacer height={above} span={span} />}
        {shown.map((row) => (
          <TableRow
            key={row.id}
            ref={isVirtual ? virtualizer.measureElement : undefined}
            data-index={row.index}
            data-row={row.id}
            aria-rowindex={row.index + 2}
            className={mergeClasses(row.id === marked && styles.marked)}
          >
            {selection && (
              <TableCell className={styles.narrow}>
                <Checkbox
                  aria-label={t('selectRow', { row: rowName(row.original) })}
                  checked={selection.keys.has(row.id)}
                  onChange={() => toggle(row.id)}
                />
              </TableCell>
            )}
            {row.getAllCells().map((cell, index) => (
              <TableCell
                key={cell.id}
                className={mergeClasses(styles.cell, columns[index]?.isNumber && styles.number)}
              >
                <table.FlexRender cell={cell} />
              </TableCell>
            ))}
            {actions && (
              <TableCell className={styles.narrow}>
                <RowMenu label={rowName(row.original)} actions={actions(row.original)} />
              </TableCell>
            )}
          </TableRow>
        ))}
        {below > 0 && <Spacer height={below} span={span} />}
      </TableBody>
    </Table>
  );
}

const widthOf = (width: string | undefined): CSSProperties | undefined => (width ? { width } : undefined);

function Spacer({ height, span }: { height: number; span: number }): ReactNode {
  return (
    <tr aria-hidden>
      <td colSpan={span} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}

/** True after a while: what comes sooner needs no skeleton, which would only flicker. */
export function useDelayed(isOn: boolean, ms = 200): boolean {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    if (!isOn) {
      setLate(false);
      return;
    }
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, [isOn, ms]);
  return isOn && isLate;
}

const skeletonRows = [0, 1, 2, 3, 4, 5, 6, 7];

function ListSkeleton({ columns }: { columns: number }): ReactNode {
  const t = useCommon();
  return (
    <Skeleton aria-label={t('loading')}>
      {skeletonRows.map((row) => (
        <div
          key={row}
          style={{
            display: 'grid',
            gridTemplateColumns: `repeat(${columns}, 1fr)`,
            gap: '1rem',
            padding: '0.85rem 0',
          }}
        >
          {Array.from({ length: columns }, (_, column) => (
            <SkeletonItem key={column} />
          ))}
        </div>
      ))}
    </Skeleton>
  );
}

/** Why there is nothing, and the one next step. */
export function Empty({
  title,
  detail,
  children,
}: {
  title: string;
  detail?: string;
  children?: ReactNode;
}): ReactNode {
  return (
    <div style={{ display: 'grid', gap: '0.5rem', justifyItems: 'start', padding: '1.5rem 0' }}>
      <Text weight="semibold" size={400}>
        {title}
      </Text>
      {detail && <Text>{detail}</Text>}
      {children}
    </div>
  );
}
