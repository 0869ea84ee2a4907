import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useFollowed } from '../../data/follow.ts';
import { read, refresh, useCommand, useOne } from '../../data/queries.ts';
import { contracts } from '../../texts/contracts.ts';
import { subscriptionSync as texts } from '../../texts/subscription-sync.ts';
import { useTexts } from '../../texts/use-texts.ts';
import { ProblemMessage } from '../feedback/problem.tsx';
import { useToast } from '../feedback/toasts.tsx';
import { PageLink } from '../show/links.tsx';
import { isOpen, RunBar, RunCounts } from '../show/run-bar.tsx';

/** Whose subscriptions: one account's, or those of all accounts that a contract bills. */
export type SyncSubject =
  | { name: string; providerAccountId: string; connectorId: string }
  | { name: string; billingContractId: string; tenantAccountId: string };

interface SubscriptionSync {
  isStarting: boolean;
  start: (subject: SyncSubject) => void;
}

/**
 * Starts reading the subscriptions of an account or a contract; a contract that several connectors serve is read by one run each.
 * @param onStarted what an address keeps of the runs, for `SyncProgress`
 */
export function useSubscriptionSync(onStarted: (runs: string) => void): SubscriptionSync {
  const t = useTexts(texts);
  const ofContract = useTexts(contracts);
  const tell = useToast();
  const [isStarting, setStarting] = useState(false);
  const command = useCommand('post', '/v1/sync-runs', { changes: ['/v1/sync-runs'] });

  const begin = async (subject: SyncSubject): Promise<void> => {
    const { name } = subject;
    const bodies = await runsFor(subject);
    if (bodies.length === 0) throw new Error(ofContract('nothingLinked', { name }));
    const started: { id: string; joined: boolean }[] = [];
    try {
      for (const body of bodies)
        started.push(await command.mutateAsync({ body: { ...body, scope: 'subscriptions' } }));
      const title = t(started.every(({ joined }) => joined) ? 'joined' : 'started', { name });
      tell({ title, intent: 'info' });
    } finally {
      // Those that go on are shown, also when another could not be started.
      if (started.length > 0) onStarted(started.map(({ id }) => id).join(','));
    }
  };
  const start = (subject: SyncSubject): void => {
    setStarting(true);
    begin(subject)
      .catch((error: Error) =>
        tell({ title: t('notStarted', { name: subject.name }), detail: error.message, intent: 'error' }),
      )
      .finally(() => setStarting(false));
  };
  return { isStarting, start };
}

async function runsFor(
  subject: SyncSubject,
): Promise<{ connectorId: string; providerAccountId?: string; billingContractId?: string }[]> {
  if ('providerAccountId' in subject) {
    const { connectorId, providerAccountId } = subject;
    return [{ connectorId, providerAccountId }];
  }
  const { billingContractId, tenantAccountId } = subject;
  const { data } = await read('/v1/provider-accounts', { query: { tenantAccountId, limit: 200 } });
  // One whose sync is off has nothing to read, unless all of them are: then the platform says so.
  const synced = data.filter(({ syncEnabled }) => syncEnabled);
  const connectorIds = new Set((synced.length > 0 ? synced : data).map(({ connectorId }) => connectorId));
  return [...connectorIds].map((connectorId) => ({ connectorId, billingContractId }));
}

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

/** How far the runs are while they go on, then what came of them. What the page shows is asked for again at their end. */
export function SyncProgress({ runs, onHide }: { runs: string | undefined; onHide: () => void }): ReactNode {
  const t = useTexts(texts);
  const styles = useStyles();
  if (!runs) return null;
  return (
    <section className={styles.runs} aria-label={t('title')}>
      {runs.split(',').map((id) => (
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
      {run && isOver && <RunCounts run={run} />}
      {run?.failure && (
        <span>{t('failed', { reason: `${run.failure.detail} ${run.failure.nextStep}` })}</span>
      )}
      <PageLink to="/sync-runs/$kind/$id" params={{ kind: 'account', id }}>
        {t('toRun')}
      </PageLink>
    </div>
  );
}
