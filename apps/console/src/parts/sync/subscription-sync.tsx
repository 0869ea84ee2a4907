import { lazy, Suspense, useState, type ReactNode } from 'react';
import { read, useCommand } from '../../data/queries.ts';
import { contracts } from '../../texts/contracts.ts';
import { subscriptionSync as texts } from './texts.ts';
import { useTexts } from '../../texts/use-texts.ts';
import { useToast } from '../feedback/toasts.tsx';

const RunsInProgress = lazy(() => import('./runs-in-progress.tsx'));

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

/** How far the runs are while they go on, then what came of them; nothing before there is one. */
export function SyncProgress({ runs, onHide }: { runs: string | undefined; onHide: () => void }): ReactNode {
  return (
    <Suspense fallback={null}>{runs && <RunsInProgress ids={runs.split(',')} onHide={onHide} />}</Suspense>
  );
}
