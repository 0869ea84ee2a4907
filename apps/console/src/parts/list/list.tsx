import { useEffect, useState, type ReactNode } from 'react';
import { makeStyles, Spinner, Text, tokens } from '@fluentui/react-components';
import { useCommon } from '../../texts/use-texts.ts';
import { ProblemMessage } from '../feedback/problem.tsx';
import { forcedColours } from '../show/forced-colours.ts';
import { ListFoot, StaleMark } from './list-foot.tsx';
import { Rows, type RowsProps } from './rows.tsx';

export type { Column } from './rows.tsx';

interface DataListProps<T> extends Omit<RowsProps<T>, 'scroll'> {
  /** Why there is nothing, and what to do next: an `Empty`. */
  empty: ReactNode;
  /** Whether the list is offered as a file. */
  csv?: boolean;
  /** At most so high, CSS; what is left of the window by default. */
  height?: string;
}

const useStyles = makeStyles({
  list: { display: 'grid', gap: tokens.spacingVerticalS, minWidth: 0, gridTemplateColumns: 'minmax(0, 1fr)' },
  scroll: { overflow: 'auto', position: 'relative' },
  skeletonRow: { display: 'grid', gap: tokens.spacingHorizontalL, padding: '0.85rem 0' },
  skeleton: {
    height: '1rem',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralStencil1,
    [forcedColours]: { outline: '1px solid GrayText' },
  },
});

/** Rows of the API: filled page by page, virtualised, with selection, gear menus, file, and marks for what is old. */
export function DataList<T>(props: DataListProps<T>): ReactNode {
  const { label, list, columns, empty, csv = true, height = 'calc(100dvh - 20.5rem)' } = props;
  const t = useCommon();
  const styles = useStyles();
  // Not a ref: rows that are drawn together with what scrolls have to learn of it afterwards.
  const [scroll, setScroll] = useState<HTMLDivElement | null>(null);
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
          ref={setScroll}
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
  const styles = useStyles();
  return (
    <div role="status" aria-label={t('loading')}>
      {skeletonRows.map((row) => (
        <div
          key={row}
          className={styles.skeletonRow}
          style={{ gridTemplateColumns: `repeat(${columns}, 1fr)` }}
        >
          {Array.from({ length: columns }, (_, column) => (
            <div key={column} className={styles.skeleton} />
          ))}
        </div>
      ))}
    </div>
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
