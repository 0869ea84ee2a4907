import type { ReactNode } from 'react';
import { Field, ProgressBar, Text } from '@fluentui/react-components';
import type { CatalogSync, SyncRun } from '@isthmus/sdk';
import { formatOf, type Format } from '../../texts/format.ts';
import { runs } from '../../texts/runs.ts';
import { useLanguage, useTexts, useWord, type NameIn, type Translate } from '../../texts/use-texts.ts';
import { forPeople } from '../feedback/for-people.ts';
import { StatusBadge, type Tone } from './badges.tsx';

export type AnyRun = SyncRun | CatalogSync;

export const toneOf: Readonly<Record<AnyRun['status'], Tone>> = {
  queued: 'neutral',
  running: 'busy',
  'awaiting-approval': 'warning',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'neutral',
};

export const isOpen = ({ status }: AnyRun): boolean =>
  status === 'queued' || status === 'running' || status === 'awaiting-approval';

export function RunStatus({ run }: { run: AnyRun }): ReactNode {
  const word = useWord(runs);
  return <StatusBadge tone={toneOf[run.status] ?? 'neutral'}>{word('status', run.status)}</StatusBadge>;
}

/** How far a run is: done of total, rate, what is left; or what it waits for. Its state in a word when it is over. */
export function RunBar({ run }: { run: AnyRun }): ReactNode {
  const t = useTexts(runs);
  const word = useWord(runs);
  const format = formatOf(useLanguage());
  if (!isOpen(run)) return <RunStatus run={run} />;
  const [, account] = /^listing of account (.+)/.exec(run.phase ?? '') ?? [];
  const phase = account
    ? t('phaseOfAccount', { account })
    : run.phase
      ? word('phase', run.phase.replaceAll(' ', '-'))
      : word('status', run.status);
  return (
    <Field
      label={phase}
      validationState="none"
      validationMessage={howFar(run, t, format)}
      style={{ minWidth: '12rem' }}
    >
      <ProgressBar
        {...(run.total ? { value: run.done, max: run.total } : run.status === 'running' ? {} : { value: 0 })}
        aria-label={phase}
      />
    </Field>
  );
}

function howFar(run: AnyRun, t: Translate<NameIn<typeof runs>>, format: Format): string {
  const { done, total, ratePerSecond, etaSeconds, waiting } = run;
  const parts = [
    total === null
      ? t('doneOnly', { done: format.number(done) })
      : t('doneOf', { done: format.number(done), total: format.number(total) }),
    ratePerSecond ? t('rate', { rate: format.number(Math.round(ratePerSecond * 10) / 10) }) : '',
    etaSeconds === null ? '' : t('eta', { time: format.duration(etaSeconds) }),
    forPeople(waiting?.reason),
  ];
  return parts.filter(Boolean).join(' · ');
}

type Counted = 'appeared' | 'changed' | 'ended' | 'unchanged' | 'failed';

interface RunCountsProps {
  run: { counts: Pick<AnyRun['counts'], Counted> };
  /** Of what: the scope of the run, where nothing beside it says so. */
  of?: string;
}

/** What came of a run, in one line of counts. */
export function RunCounts({ run: { counts }, of }: RunCountsProps): ReactNode {
  const t = useTexts(runs);
  const word = useWord(runs);
  const format = formatOf(useLanguage());
  const shown = (['appeared', 'changed', 'ended', 'unchanged', 'failed'] as const).filter(
    (name) => name === 'unchanged' || counts[name] > 0,
  );
  const said = shown.map((name) => t(`count-${name}`, { count: format.number(counts[name]) })).join(' · ');
  return <Text>{of === undefined ? said : t('counted', { of: word('counted', of), counts: said })}</Text>;
}
