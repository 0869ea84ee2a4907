import { resolve, retry } from '@isthmus/subscription-lifecycle/orders/protocol/order-policy.ts';
import type { Violation } from '../check/check-orders.ts';
import type { ModelCmp } from '../cmp/model-cmp.ts';
import type { LedgerEntry } from '../cmp/simulated-cmp.ts';
import type { MemoryStore, PublicOrder } from '../world/memory-store.ts';
import type { Random } from '../world/random.ts';
import type { World } from '../world/world.ts';

const hour = 3_600_000;
const escalated = new Set(['needs-attention', 'completed-not-effective']);

/** Resolves escalated orders some hours later, with CMP's control panel open. @returns how often each order was helped */
export function runOperator(
  { store, model, line, clock }: World,
  random: Random,
  noticed: Violation[],
): ReadonlyMap<string, number> {
  const helped = new Map<string, number>();
  void (async () => {
    for (;;) {
      await clock.sleep(random.between(2, 10) * hour);
      for (const order of store.publicOrders().filter(({ status }) => escalated.has(status))) {
        const times = (helped.get(order.id) ?? 0) + 1;
        helped.set(order.id, times);
        const entries = line.ledger.filter(({ order: { posted } }) => posted?.poNumber === order.marker);
        if (order.reason === 'several-at-cmp' && entries.length < 2)
          noticed.push({
            rule: 'no false alarm',
            detail: `${order.spec.kind} ${order.id} is at CMP ${entries.length} times`,
          });
        await decide(order, times, store, model, entries);
      }
    }
  })();
  return helped;
}

async function decide(
  order: PublicOrder,
  times: number,
  store: MemoryStore,
  model: ModelCmp,
  entries: readonly LedgerEntry[],
): Promise<void> {
  const entry = entries[0]?.order;
  const by = 'operator';
  await store.change(order.id, (record, now) => {
    if (!escalated.has(record.status)) return record;
    if (!entry)
      return times > 2 || record.status === 'completed-not-effective'
        ? resolve(record, { resolve: 'refused', because: 'not at CMP' }, by, now)
        : retry(record, now);
    if (entry.status === 'submitted') model.withdraw(entry);
    if (entry.status === 'completed' && entry.fate !== 'effect')
      return resolve(record, { resolve: 'refused', because: 'no effect' }, by, now);
    if (record.status === 'completed-not-effective')
      return resolve(record, { resolve: 'settled', because: 'it is there' }, by, now);
    return resolve(record, { resolve: 'found', cmpOrderId: entry.id, because: 'it is this one' }, by, now);
  });
}
