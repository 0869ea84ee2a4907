import type { Observations } from '../actors/start-actors.ts';
import type { LedgerEntry } from '../cmp/simulated-cmp.ts';
import type { World } from '../world/world.ts';
import { checkCommands, checkEvents, checkOrders, checkQueues, type Violation } from './check-orders.ts';
import { checkMirror, checkSubscriptions } from './check-subscriptions.ts';

/** Every violation of a scenario, checked at its end. */
export function checkScenario(
  { store, model, line: { ledger }, defects }: World,
  { outcomes, noticed, orderProjection, kept, mirror, odd, client, quiet }: Observations,
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
    ...checkCommands(outcomes, orders),
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
    ...checkEvents({ ...orderProjection, history, kept: orderProjection.orders }),
    ...client.violations,
    ...defects.map((detail) => ({ rule: 'no defect', detail })),
  ];
}
