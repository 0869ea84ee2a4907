import type { ReactNode } from 'react';
import { IsthmusError } from '@isthmus/sdk';
import { read, useCommand } from '../../data/queries.ts';
import { BulkDrawer, type BulkOutcome, type BulkRow } from '../../parts/form/bulk-drawer.tsx';
import { useTexts } from '../../texts/use-texts.ts';
import type { Delivery } from './endpoint-values.ts';
import { webhooks } from './texts.ts';

interface ResendManyDrawerProps {
  endpointId: string;
  /** Those shown. */
  deliveries: readonly Delivery[];
  selected: ReadonlySet<string>;
  onClose: () => void;
}

const outcomeOf = (rows: BulkRow[]): BulkOutcome => {
  const count = (wanted: BulkRow['outcome']): number =>
    rows.filter(({ outcome }) => outcome === wanted).length;
  return { done: count('done'), unchanged: count('unchanged'), refused: count('refused'), rows };
};

/** Sends many deliveries again, one after the other: what is on its way anyway is left alone. */
export default function ResendManyDrawer(props: ResendManyDrawerProps): ReactNode {
  const { endpointId, deliveries, selected, onClose } = props;
  const t = useTexts(webhooks);
  const resend = useCommand('post', '/v1/deliveries/{id}/resend');
  const refresh = useCommand('post', '/v1/deliveries/{id}/resend', {
    changes: ['/v1/deliveries', '/v1/webhook-endpoints', '/v1/events'],
  });

  const rowsOf = (scope: Scope): readonly Delivery[] => {
    const inScope = {
      selected: ({ id }: Delivery) => selected.has(id),
      undelivered: ({ status }: Delivery) => status === 'undelivered',
      shown: () => true,
    };
    return deliveries.filter(inScope[scope]);
  };

  /** As each is now, which may be another than when the list was read. */
  const plan = async (scope: Scope): Promise<BulkRow[]> => {
    const endpoint = await read('/v1/webhook-endpoints/{id}', { path: { id: endpointId } });
    const rows: BulkRow[] = [];
    for (const { id, eventType, subject } of rowsOf(scope)) {
      const row = { key: id, name: `${eventType} ${subject}` };
      if (endpoint.status === 'disabled') rows.push({ ...row, outcome: 'refused', detail: t('isOff') });
      else
        rows.push(
          await read('/v1/deliveries/{id}', { path: { id } }).then(
            ({ status }) =>
              status === 'pending'
                ? { ...row, outcome: 'unchanged' as const, detail: t('isPending') }
                : { ...row, outcome: 'done' as const },
            (error: Error) => ({ ...row, ...refusal(error) }),
          ),
        );
    }
    return rows;
  };

  const run = async (scope: Scope): Promise<BulkOutcome> => {
    const rows = await plan(scope);
    const last = rows.findLast(({ outcome }) => outcome === 'done')?.key;
    for (const [index, row] of rows.entries()) {
      if (row.outcome !== 'done') continue;
      const command = row.key === last ? refresh : resend;
      await command
        .mutateAsync({ path: { id: row.key } })
        .catch((error: Error) => (rows[index] = { ...row, ...refusal(error) }));
    }
    return outcomeOf(rows);
  };

  const some = (scope: Scope): number => rowsOf(scope).length;
  return (
    <BulkDrawer
      title={t('resendManyTitle')}
      deed={t('resend')}
      needs="POST /v1/deliveries/{id}/resend"
      scopes={(['selected', 'undelivered', 'shown'] as const).map((value) => ({
        value,
        label: t(`scope-${value}`, { count: some(value) }),
        disabled: some(value) === 0,
      }))}
      dryRun={async (scope) => outcomeOf(await plan(scope))}
      run={run}
      onClose={onClose}
    />
  );
}

type Scope = 'selected' | 'undelivered' | 'shown';

const refusal = (error: Error): Pick<BulkRow, 'outcome' | 'detail' | 'nextStep'> => ({
  outcome: 'refused',
  detail: error.message,
  nextStep: error instanceof IsthmusError ? error.nextStep : undefined,
});
