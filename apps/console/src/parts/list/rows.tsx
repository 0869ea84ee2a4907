import { lazy, Suspense, useEffect, useMemo, type ReactNode } from 'react';
import {
  Checkbox,
  makeStyles,
  mergeClasses,
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
import type { List } from '../../data/queries.ts';
import { useCommon } from '../../texts/use-texts.ts';
import { forcedColours } from '../show/forced-colours.ts';
import { RowMenu, type RowAction } from '../form/row-menu.tsx';
import type { Window } from './virtual-window.tsx';

const VirtualWindow = lazy(() => import('./virtual-window.tsx'));

export interface Column<T> {
  id: string;
  header: string;
  /** What the row shows there. */
  cell: (row: T) => ReactNode;
  /** CSS width, such as `8rem`; the rest is shared out. */
  width?: string;
  /** Not narrower, CSS: others give way, or the list scrolls. */
  minWidth?: string;
  isNumber?: boolean;
}

export interface Selection {
  keys: ReadonlySet<string>;
  onChange: (keys: ReadonlySet<string>) => void;
}

export interface RowsProps<T> {
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
  /** Of the row that something just happened to: it is marked and scrolled to. */
  marked?: string | undefined;
  /** What scrolls around it. */
  scroll: HTMLDivElement | null;
}

const features = tableFeatures({});
type Features = typeof features;
/** Fewer are drawn all: then the browser's own search finds everything. */
const drawnAtOnce = 100;

const useStyles = makeStyles({
  table: { minWidth: '40rem', tableLayout: 'auto' },
  header: {
    position: 'sticky',
    top: 0,
    zIndex: 1,
    backgroundColor: tokens.colorNeutralBackground1,
    boxShadow: `inset 0 -1px ${tokens.colorNeutralStroke1}`,
    [forcedColours]: { outline: '1px solid CanvasText' },
  },
  cell: {
    overflowWrap: 'break-word',
    paddingBlock: tokens.spacingVerticalXS,
    height: 'auto',
    minHeight: '44px',
  },
  number: { textAlign: 'end', fontVariantNumeric: 'tabular-nums' },
  headerNumber: { '& > *': { justifyContent: 'flex-end' } },
  marked: {
    backgroundColor: tokens.colorBrandBackground2,
    [forcedColours]: { outline: '2px solid Highlight', outlineOffset: '-2px' },
  },
  narrow: { width: '3rem' },
});

/** The table itself. */
export function Rows<T>(props: RowsProps<T>): ReactNode {
  const { label, list, columns, rowKey, rowName, actions, selection, marked, scroll } = props;
  const t = useCommon();
  const styles = useStyles();
  // Called, not made components by the table: what a cell shows lives on when the columns are made anew.
  const definitions = useMemo<ColumnDef<Features, T & object>[]>(
    () => columns.map(({ id, header }) => ({ id, header })),
    [columns],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: list.rows as (T & object)[],
    getRowId: (row) => rowKey(row),
  });
  const rows = table.getRowModel().rows;
  const { hasMore, isFetching, loadMore, error } = list;
  const isVirtual = rows.length > drawnAtOnce;

  const markedIndex = marked === undefined ? -1 : rows.findIndex(({ id }) => id === marked);
  useEffect(() => {
    // Far down in a long list it is not drawn: then the virtual window scrolls to it.
    if (markedIndex >= 0)
      scroll?.querySelector(`[data-index="${markedIndex}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [markedIndex, scroll]);

  const keys = selection?.keys;
  const chosen = keys ? rows.filter(({ id }) => keys.has(id)).length : 0;
  const toggle = (id: string): void => {
    const next = new Set(keys);
    if (!next.delete(id)) next.add(id);
    selection?.onChange(next);
  };
  const span = columns.length + (selection ? 1 : 0) + (actions ? 1 : 0);

  const drawBody = ({ from, to, above, below, measure }: Window): ReactNode => (
    <TableBody>
      {above > 0 && <Spacer height={above} span={span} />}
      {rows.slice(from, to).map((row) => (
        <TableRow
          key={row.id}
          ref={measure}
          data-index={row.index}
          data-row={row.id}
          aria-rowindex={row.index + 2}
          aria-current={row.id === marked || undefined}
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
          {columns.map(({ id, cell, isNumber }) => (
            <TableCell key={id} className={mergeClasses(styles.cell, isNumber && styles.number)}>
              {cell(row.original as T)}
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
  );

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
          {columns.map(({ id, header, width, minWidth, isNumber }) => (
            <TableHeaderCell
              key={id}
              className={mergeClasses(isNumber && styles.headerNumber)}
              style={{ ...(width && { width }), ...(minWidth && { minWidth }) }}
            >
              <Text weight="semibold">{header}</Text>
            </TableHeaderCell>
          ))}
          {actions && <TableHeaderCell className={styles.narrow} aria-label={t('actions')} />}
        </TableRow>
      </TableHeader>
      {isVirtual ? (
        <Suspense fallback={drawBody({ from: 0, to: drawnAtOnce, above: 0, below: 0 })}>
          <VirtualWindow
            count={rows.length}
            scroll={scroll}
            keyOf={(index) => rows[index]!.id}
            target={markedIndex}
            onEnd={() => {
              if (hasMore && !isFetching && !error) loadMore();
            }}
          >
            {drawBody}
          </VirtualWindow>
        </Suspense>
      ) : (
        drawBody({ from: 0, to: rows.length, above: 0, below: 0 })
      )}
    </Table>
  );
}

function Spacer({ height, span }: { height: number; span: number }): ReactNode {
  return (
    <tr aria-hidden>
      <td colSpan={span} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}
