import { useRef, useState, type ReactNode } from 'react';
import {
  Button,
  DrawerBody,
  DrawerFooter,
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Radio,
  RadioGroup,
  Spinner,
  Text,
  tokens,
} from '@fluentui/react-components';
import { saidOf } from '../feedback/for-people.ts';
import type { OperationName } from '../../data/roles.ts';
import { bulk } from '../../texts/bulk.ts';
import { useCommon, useTexts } from '../../texts/use-texts.ts';
import { ProblemMessage } from '../feedback/problem.tsx';
import { DataList, Empty, type Column } from '../list/list.tsx';
import { StatusBadge, type Tone } from '../show/badges.tsx';
import { ActionButton } from './action-button.tsx';
import { SideDrawer } from './form-drawer.tsx';

export interface BulkRow {
  key: string;
  name: string;
  outcome: 'done' | 'unchanged' | 'refused';
  detail?: string | undefined;
  nextStep?: string | undefined;
}

export interface BulkOutcome {
  done: number;
  unchanged: number;
  refused: number;
  rows: readonly BulkRow[];
}

interface BulkDrawerProps<S extends string> {
  title: string;
  /** The deed as a button says it: "Link". */
  deed: string;
  needs: OperationName;
  /** Which rows: those that are selected, or all that the filter finds. */
  scopes: readonly { value: S; label: string; disabled?: boolean }[];
  /** More to choose before the dry run. */
  children?: ReactNode;
  /** Why the dry run cannot be asked for as things stand. */
  reason?: string | undefined;
  /** Says what would happen, and changes nothing. */
  dryRun: (scope: S) => Promise<BulkOutcome>;
  run: (scope: S) => Promise<BulkOutcome>;
  onClose: () => void;
}

type Stage =
  { at: 'choose' } | { at: 'asking' | 'running' } | { at: 'planned' | 'done'; outcome: BulkOutcome };

const tones: Record<BulkRow['outcome'], Tone> = { done: 'good', unchanged: 'neutral', refused: 'bad' };
const rowKey = ({ key }: BulkRow): string => key;
const rowName = ({ name }: BulkRow): string => name;

const useStyles = makeStyles({
  body: {
    display: 'grid',
    // A field may be narrower than its hint or its value.
    gridTemplateColumns: 'minmax(0, 1fr)',
    gap: tokens.spacingVerticalM,
    alignContent: 'start',
    paddingBottom: tokens.spacingVerticalL,
    outlineStyle: 'none',
  },
});

/** Much at once, in three steps: which rows, what would happen, and what happened to each. Nothing is changed before the second is confirmed. */
export function BulkDrawer<S extends string>(props: BulkDrawerProps<S>): ReactNode {
  const { title, deed, needs, scopes, children, reason, dryRun, run, onClose } = props;
  const t = useTexts(bulk);
  const common = useCommon();
  const styles = useStyles();
  const [scope, setScope] = useState<S | undefined>(scopes.find(({ disabled }) => !disabled)?.value);
  const [stage, setStage] = useState<Stage>({ at: 'choose' });
  const [error, setError] = useState<Error>();
  const body = useRef<HTMLDivElement>(null);

  const go = async (at: 'asking' | 'running', deed: (scope: S) => Promise<BulkOutcome>): Promise<void> => {
    if (!scope) return;
    const before = stage;
    // The button that was pressed goes away: focus that went with it would leave the drawer.
    body.current?.focus();
    setError(undefined);
    setStage({ at });
    try {
      const outcome = await deed(scope);
      setStage({ at: at === 'asking' ? 'planned' : 'done', outcome });
    } catch (failure) {
      setError(failure as Error);
      setStage(before);
    }
  };

  const isBusy = stage.at === 'asking' || stage.at === 'running';
  const outcome = 'outcome' in stage ? stage.outcome : undefined;
  return (
    <SideDrawer title={title} size="large" onClose={onClose}>
      <DrawerBody>
        <div ref={body} tabIndex={-1} className={styles.body}>
          <ProblemMessage error={error} />
          {stage.at === 'choose' && (
            <>
              {scopes.length > 1 && (
                <RadioGroup
                  aria-label={t('which')}
                  value={scope ?? ''}
                  onChange={(_, { value }) => setScope(value as S)}
                >
                  {scopes.map(({ value, label, disabled = false }) => (
                    <Radio key={value} value={value} label={label} disabled={disabled} />
                  ))}
                </RadioGroup>
              )}
              {scopes.length === 1 && <Text>{scopes[0]!.label}</Text>}
              {children}
            </>
          )}
          {isBusy && <Spinner label={t(stage.at === 'asking' ? 'asking' : 'running')} />}
          {outcome && <Outcome outcome={outcome} isPlan={stage.at === 'planned'} label={title} />}
        </div>
      </DrawerBody>
      <DrawerFooter>
        {stage.at === 'choose' && (
          <ActionButton
            appearance="primary"
            needs={needs}
            reason={reason}
            disabled={!scope}
            onClick={() => void go('asking', dryRun)}
          >
            {t('dryRun')}
          </ActionButton>
        )}
        {stage.at === 'planned' && (
          <>
            <ActionButton
              appearance="primary"
              needs={needs}
              reason={stage.outcome.done === 0 ? t('nothingToDo') : undefined}
              onClick={() => void go('running', run)}
            >
              {t('doIt', { deed, count: stage.outcome.done })}
            </ActionButton>
            <Button onClick={() => setStage({ at: 'choose' })}>{t('back')}</Button>
          </>
        )}
        <Button onClick={onClose}>{stage.at === 'done' ? common('close') : common('cancel')}</Button>
      </DrawerFooter>
    </SideDrawer>
  );
}

function Outcome({
  outcome,
  isPlan,
  label,
}: {
  outcome: BulkOutcome;
  isPlan: boolean;
  label: string;
}): ReactNode {
  const t = useTexts(bulk);
  const common = useCommon();
  const { done, unchanged, refused, rows } = outcome;
  const columns: Column<BulkRow>[] = [
    { id: 'name', header: common('name'), cell: rowName },
    {
      id: 'outcome',
      header: t('outcome'),
      width: '9rem',
      cell: (row) => (
        <StatusBadge tone={tones[row.outcome]}>{t(`${isPlan ? 'would' : 'did'}-${row.outcome}`)}</StatusBadge>
      ),
    },
    {
      id: 'detail',
      header: t('detail'),
      cell: (row) => saidOf(row as Parameters<typeof saidOf>[0]) || common('dash'),
    },
  ];
  return (
    <>
      <MessageBar intent={isPlan ? 'info' : refused > 0 ? 'warning' : 'success'} role="status">
        <MessageBarBody>
          <MessageBarTitle>{t(isPlan ? 'planned' : 'finished')}</MessageBarTitle>
          {t(isPlan ? 'wouldBe' : 'counts', { done, unchanged, refused })}
        </MessageBarBody>
      </MessageBar>
      <DataList
        label={label}
        list={listOf(rows)}
        columns={columns}
        rowKey={rowKey}
        rowName={rowName}
        csv={false}
        height="60dvh"
        empty={<Empty title={t('nothingToDo')} />}
      />
    </>
  );
}

/** Rows that are here already, as a list. */
function listOf<T>(rows: readonly T[]): Parameters<typeof DataList<T>>[0]['list'] {
  return {
    rows,
    isLoading: false,
    isFetching: false,
    error: null,
    asOf: undefined,
    isStale: false,
    hasMore: false,
    loadMore: () => undefined,
    retry: () => undefined,
    question: { path: '/v1/connectors', input: {} },
  };
}
