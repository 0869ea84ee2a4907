import type { ReactNode } from 'react';
import { IsthmusError } from '@isthmus/sdk';
import { useQueryClient } from '@tanstack/react-query';
import { refresh, useCommand } from '../../data/queries.ts';
import { BulkDrawer, type BulkOutcome } from '../../parts/form/bulk-drawer.tsx';
import { useTexts } from '../../texts/use-texts.ts';
import { outcomeOf, planOf, type ParkedMessage } from './parked-message.ts';
import { issues } from './texts.ts';

interface RetryManyDrawerProps {
  messages: readonly ParkedMessage[];
  selected: ReadonlySet<string>;
  onClose: () => void;
}

/** Retries many, the oldest first, as they came: what cannot succeed is left alone. */
export default function RetryManyDrawer({ messages, selected, onClose }: RetryManyDrawerProps): ReactNode {
  const t = useTexts(issues);
  const client = useQueryClient();
  const retry = useCommand('post', '/v1/parked-messages/{id}/retry');
  const inScope = (scope: 'selected' | 'shown'): ParkedMessage[] =>
    messages.filter(({ id }) => scope === 'shown' || selected.has(id)).toReversed();

  const run = async (scope: 'selected' | 'shown'): Promise<BulkOutcome> => {
    const rows = planOf(inScope(scope), t('hopeless'));
    for (const [index, row] of rows.entries()) {
      if (row.outcome !== 'done') continue;
      rows[index] = await retry.mutateAsync({ path: { id: row.key } }).then(
        () => ({ key: row.key, name: row.name, outcome: 'done' as const }),
        (error: Error) => ({
          ...row,
          outcome: 'refused' as const,
          detail: error.message,
          nextStep: error instanceof IsthmusError ? error.nextStep : undefined,
        }),
      );
    }
    await refresh(client, '/v1/parked-messages');
    return outcomeOf(rows);
  };

  return (
    <BulkDrawer
      title={t('retryManyTitle')}
      deed={t('retry')}
      needs="POST /v1/parked-messages/{id}/retry"
      scopes={(['selected', 'shown'] as const).map((value) => ({
        value,
        label: t(`scope-${value}`, { count: inScope(value).length }),
        disabled: inScope(value).length === 0,
      }))}
      dryRun={(scope) => Promise.resolve(outcomeOf(planOf(inScope(scope), t('hopeless'))))}
      run={run}
      onClose={onClose}
    />
  );
}
