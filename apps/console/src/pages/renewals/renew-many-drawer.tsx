import { useRef, type ReactNode } from 'react';
import { useCommand } from '../../data/queries.ts';
import { BulkDrawer, type BulkOutcome, type BulkRow } from '../../parts/form/bulk-drawer.tsx';
import { formatOf } from '../../texts/format.ts';
import { useLanguage, useTexts } from '../../texts/use-texts.ts';
import type { Renewal } from './renewal-values.ts';
import { renewals as texts } from './texts.ts';

interface RenewManyDrawerProps {
  renewals: readonly Renewal[];
  autoRenew: boolean;
  onClose: () => void;
}

/** Turns auto-renew on or off for many: a quote of each first, then an order of each quote. A quote is ordered once at most. */
export default function RenewManyDrawer({ renewals, autoRenew, onClose }: RenewManyDrawerProps): ReactNode {
  const t = useTexts(texts);
  const format = formatOf(useLanguage());
  const ask = useCommand('post', '/v1/quotes');
  const place = useCommand('post', '/v1/orders', {
    changes: ['/v1/orders', '/v1/subscriptions', '/v1/renewals'],
  });
  const quotes = useRef(new Map<string, string>());

  const each = async (
    deed: (renewal: Renewal) => Promise<Omit<BulkRow, 'key' | 'name'>>,
  ): Promise<BulkOutcome> => {
    const rows: BulkRow[] = [];
    // One after the other: CMP allows few calls, and each quote asks it.
    for (const renewal of renewals) {
      const { subscriptionId: id, name, accountName } = renewal;
      const about = { key: id, name: [name, accountName].filter(Boolean).join(' · ') };
      try {
        rows.push({ ...about, ...(await deed(renewal)) });
      } catch (error) {
        rows.push({ ...about, outcome: 'refused', detail: (error as Error).message });
      }
    }
    const count = (wanted: BulkRow['outcome']): number =>
      rows.filter(({ outcome }) => outcome === wanted).length;
    return { done: count('done'), unchanged: count('unchanged'), refused: count('refused'), rows };
  };

  const quoteEach = (): Promise<BulkOutcome> => {
    quotes.current.clear();
    return each(async ({ subscriptionId: id, autoRenew: current, renewalDate }) => {
      if (current === autoRenew) return { outcome: 'unchanged' };
      const order = { kind: 'renewal-setting', subscriptionId: id, autoRenew } as const;
      const { id: quoteId, refused, effects } = await ask.mutateAsync({ body: order });
      if (refused) return { outcome: 'refused', detail: refused.detail, nextStep: refused.nextStep };
      quotes.current.set(id, quoteId);
      const effect = effects.map(({ detail }) => detail).join(' ');
      return { outcome: 'done', detail: effect || format.day(renewalDate) };
    });
  };
  const orderEach = (): Promise<BulkOutcome> =>
    each(async ({ subscriptionId: id }) => {
      const quoteId = quotes.current.get(id);
      if (!quoteId) return { outcome: 'unchanged', detail: t('notQuoted') };
      const order = { kind: 'renewal-setting', subscriptionId: id, autoRenew, quoteId } as const;
      const { marker } = await place.mutateAsync({ body: order });
      return { outcome: 'done', detail: t('orderedAs', { marker }) };
    });

  return (
    <BulkDrawer
      title={t(autoRenew ? 'turnOnMany' : 'turnOffMany')}
      deed={t('orderMany')}
      needs="POST /v1/orders"
      scopes={[{ value: 'selected', label: t('scopeSelected', { count: renewals.length }) }]}
      dryRun={quoteEach}
      run={orderEach}
      onClose={onClose}
    />
  );
}
