import type { Traces } from '../cast.ts';
import type { LedgerEntry } from '../cmp/simulated-cmp.ts';
import type { World } from '../world.ts';
import { checkCommands } from './check-commands.ts';
import { checkEvents } from './check-events.ts';
import { checkMirror } from './check-mirror.ts';
import { checkQueues } from './check-order-of-events.ts';
import { checkOrders } from './check-orders.ts';
import { checkSubscriptions } from './check-subscriptions.ts';
import type { Violation } from './violation.ts';

/** Everything that must not be, at the end of a story. */
export function judge(
  { store, model, line: { ledger }, defects }: World,
  { told, noticed, book, kept, mirror, odd, client, quiet }: Traces,
  waits: (entry: LedgerEntry) => boolean,
): Violation[] {
  const orders = store.publicOrders();
  const { history } = store;
  client.readSubscriptions(kept.states, kept.owners);
  client.readOrders([...store.rows.values()].map(({ order }) => order));
  client.readEvents(store.outbox.rows.map(({ event }) => event));
  for (const subscription of model.subscriptions.values())
    if (!odd.subscriptions.isOdd(subscription.id)) client.compare(subscription);
  return [
    ...checkCommands(told, orders),
    ...checkOrders({ ledger, orders, waits }),
    ...checkQueues(ledger, orders, history),
    ...noticed,
    ...(quiet() ? [] : [{ rule: 'it comes to rest', detail: 'news or readings never arrived' }]),
    ...checkMirror(model.orders, mirror.orders, odd.orders),
    ...checkSubscriptions({
      atCmp: model.subscriptions.values(),
      kept: kept.states,
      owners: kept.owners,
      mirrored: mirror.subscriptions,
      odd: odd.subscriptions,
      applied: kept.applied,
    }),
    ...checkEvents({ ...book, history, kept: book.orders }),
    ...client.violations,
    ...defects.map((detail) => ({ rule: 'no defect', detail })),
  ];
}
