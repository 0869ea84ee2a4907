import { useEffect, useRef, type ReactNode } from 'react';
import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { saidOf } from '../feedback/for-people.ts';
import { useFollowed } from '../../data/follow.ts';
import { refresh, useOne } from '../../data/queries.ts';
import { subscriptionSync as texts } from './texts.ts';
import { useTexts } from '../../texts/use-texts.ts';
import { ProblemMessage } from '../feedback/problem.tsx';
import { PageLink } from '../show/links.tsx';
import { isOpen, RunBar, RunCounts } from '../show/run-bar.tsx';

const useStyles = makeStyles({
  runs: {
    display: 'grid',
    gap: tokens.spacingVerticalS,
    padding: tokens.spacingHorizontalM,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
  },
  run: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM, alignItems: 'center' },
});

interface RunsInProgressProps {
  ids: readonly string[];
  onHide: () => void;
}

/** How far the runs are while they go on, then what came of them. What the page shows is asked for again at their end. */
export default function RunsInProgress({ ids, onHide }: RunsInProgressProps): ReactNode {
  const t = useTexts(texts);
  const styles = useStyles();
  return (
    <section className={styles.runs} aria-label={t('title')}>
      {ids.map((id) => (
        <OneRun key={id} id={id} />
      ))}
      <div>
        <Button size="small" onClick={onHide}>
          {t('dismiss')}
        </Button>
      </div>
    </section>
  );
}

const affected = ['/v1/provider-accounts', '/v1/subscriptions', '/v1/billing-contracts', '/v1/events'];
/** What the run wrote is agreed, and under a contract, a moment after its end. */
const agreedAfterMs = 2_000;

function OneRun({ id }: { id: string }): ReactNode {
  const t = useTexts(texts);
  const styles = useStyles();
  const client = useQueryClient();
  const asked = useOne('/v1/sync-runs/{id}', { path: { id } });
  const { now, error } = useFollowed('/v1/sync-runs', asked.data && isOpen(asked.data) ? id : undefined);
  const run = now ?? asked.data;
  const isOver = run !== undefined && !isOpen(run);
  const wasOpen = useRef(false);
  useEffect(() => {
    if (run && !isOver) wasOpen.current = true;
    if (!isOver || !wasOpen.current) return;
    const ask = (): void => affected.forEach((begin) => void refresh(client, begin));
    ask();
    const again = setTimeout(ask, agreedAfterMs);
    return () => clearTimeout(again);
  }, [client, run, isOver]);

  return (
    <div className={styles.run} role="status">
      <ProblemMessage error={asked.error ?? error} onRetry={() => void asked.refetch()} />
      {run && <RunBar run={run} />}
      {run && isOver && <RunCounts run={run} of={run.scope} />}
      {run?.failure && <span>{t('failed', { reason: saidOf(run.failure) })}</span>}
      <PageLink to="/sync-runs/$kind/$id" params={{ kind: 'account', id }}>
        {t('toRun')}
      </PageLink>
    </div>
  );
}
