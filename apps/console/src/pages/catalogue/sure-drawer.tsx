import { useRef, useState, type ReactNode } from 'react';
import { Field, Textarea } from '@fluentui/react-components';
import type { Answer, Operation } from '@isthmus/sdk';
import { useCommand, useList } from '../../data/queries.ts';
import { BulkDrawer, type BulkOutcome } from '../../parts/form/bulk-drawer.tsx';
import { useTexts } from '../../texts/use-texts.ts';
import { decisionsIn, mappingsOf, outcomeOf } from './catalogue-values.ts';
import { catalogue } from './texts.ts';

interface SureDrawerProps {
  connectorId: string | undefined;
  selected: ReadonlySet<string>;
  onClose: () => void;
}

/** Maps what leaves no doubt, or the best suggestion of each selected row; first shows which, and to what. */
export default function SureDrawer({ connectorId, selected, onClose }: SureDrawerProps): ReactNode {
  const t = useTexts(catalogue);
  const [reason, setReason] = useState('');
  const shown = useRef<Answer<Operation<'post', '/v1/part-numbers/mappings'>>>(undefined);
  const decide = useCommand('post', '/v1/part-numbers/mappings', { changes: ['/v1/part-numbers'] });
  const { rows } = useList('/v1/part-numbers', {
    query: {
      ...{ state: ['unmapped', 'ambiguous'], sort: 'subscriptions', suggest: true, limit: 50 },
      ...(connectorId && { connectorId }),
    },
  });
  const nameOf = (productId: string): string =>
    rows.find(({ bestSuggestion }) => bestSuggestion?.productId === productId)?.bestSuggestion?.name ??
    productId;
  const nothing: BulkOutcome = { done: 0, unchanged: 0, refused: 0, rows: [] };
  const chosen = mappingsOf(rows, selected);

  const dryRun = async (scope: 'sure' | 'selected'): Promise<BulkOutcome> => {
    shown.current = undefined;
    if (scope === 'selected' && chosen.length === 0) return nothing;
    const wanted = scope === 'sure' ? { suggested: connectorId ? { connectorId } : {} } : { rows: chosen };
    shown.current = await decide.mutateAsync({ body: { ...wanted, dryRun: true } });
    return outcomeOf(shown.current, nameOf);
  };
  /** Exactly what was shown, even if something else is sure by now. */
  const run = async (): Promise<BulkOutcome> => {
    const mappings = shown.current ? decisionsIn(shown.current) : [];
    if (mappings.length === 0) return nothing;
    const body = { rows: mappings, source: 'suggestion' as const, reason: reason.trim() };
    return outcomeOf(await decide.mutateAsync({ body }), nameOf);
  };
  return (
    <BulkDrawer
      title={t('sureTitle')}
      deed={t('map')}
      needs="POST /v1/part-numbers/mappings"
      scopes={[
        ...(selected.size > 0
          ? [{ value: 'selected' as const, label: t('scope-selected', { count: selected.size }) }]
          : []),
        { value: 'sure' as const, label: t('scope-sure') },
      ]}
      dryRun={dryRun}
      run={run}
      onClose={onClose}
    >
      <Field label={t('reason')}>
        <Textarea resize="vertical" value={reason} onChange={(_, { value }) => setReason(value)} />
      </Field>
    </BulkDrawer>
  );
}
