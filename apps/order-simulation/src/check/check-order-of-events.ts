import type { LedgerEntry } from '../cmp/simulated-cmp.ts';
import type { PublicOrder } from '../memory-store.ts';
import { queueKey } from '@isthmus/subscription-lifecycle/orders/order.ts';
import type { HistoryLine } from './check-events.ts';
import type { Violation } from './violation.ts';

/**
 * Orders of one queue reach CMP in the order they were given, none before the one ahead of it is over, or kept there for
 * the renewal.
 */
export function checkQueues(
  ledger: readonly LedgerEntry[],
  orders: readonly PublicOrder[],
  history: readonly HistoryLine[],
): Violation[] {
  const violations: Violation[] = [];
  const kept = new Map(
    history.filter(({ status }) => status === 'scheduled').map(({ orderId, at }) => [orderId, at]),
  );
  const queues = Map.groupBy(orders, ({ ask }) => queueKey(ask));
  for (const [queue, waiting] of queues)
    for (const [n, order] of waiting.entries()) {
      const entry = ledger.find(({ order: { posted } }) => posted?.poNumber === order.marker);
      const ahead = waiting
        .slice(0, n)
        .find(({ id, finishedAt, status }) =>
          entry
            ? Math.min(finishedAt ?? Infinity, kept.get(id) ?? Infinity) > entry.at &&
              status !== 'completed-not-effective'
            : false,
        );
      if (ahead)
        violations.push({
          rule: 'one at a time',
          detail: `${queue}: ${order.id} was placed before ${ahead.id} (${ahead.status}) was over`,
        });
    }
  return violations;
}
