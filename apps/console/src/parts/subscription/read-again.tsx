import { useCommand } from '../../data/queries.ts';
import { subscriptions } from '../../texts/subscriptions.ts';
import { useTexts } from '../../texts/use-texts.ts';
import { useToast } from '../feedback/toasts.tsx';
import { PageLink } from '../show/links.tsx';

/** What is read: by the id that the platform gave it. */
interface Subject {
  id: string;
  connectorId: string;
}

/** Has the details of one subscription read from Ingram Micro at once, and says where to follow that. */
export function useReadAgain(): { isStarting: boolean; start: (subject: Subject) => void } {
  const t = useTexts(subscriptions);
  const tell = useToast();
  const command = useCommand('post', '/v1/sync-runs', { changes: ['/v1/sync-runs'] });
  const start = ({ id, connectorId }: Subject): void =>
    command.mutate(
      { body: { connectorId, scope: 'subscriptions', providerSubscriptionId: id } },
      {
        onSuccess: (run) =>
          tell({
            title: t('readingAgain'),
            intent: 'info',
            next: (
              <PageLink to="/sync-runs/$kind/$id" params={{ kind: 'account', id: run.id }}>
                {t('toRun')}
              </PageLink>
            ),
          }),
        onError: (error) => tell({ title: t('readAgain'), detail: error.message, intent: 'error' }),
      },
    );
  return { isStarting: command.isPending, start };
}
