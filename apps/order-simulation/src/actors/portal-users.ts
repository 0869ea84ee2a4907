import type { Clock } from '@isthmus/domain';
import type { ModelCmp } from '../cmp/model-cmp.ts';
import { isOpen, type ModelOrder } from '../cmp/model-records.ts';
import type { Random } from '../world/random.ts';
import { type Holdings, mpns } from './customers.ts';

const minute = 60_000;

/**
 * What else goes on at CMP meanwhile: renewals that fail and copy the last number of their subscription, and people in the portal
 * who order the same products, with numbers of their own, and change seats.
 */
export async function usePortal(
  model: ModelCmp,
  customerId: string,
  { leftAlone }: Holdings,
  clock: Clock,
  random: Random,
): Promise<void> {
  for (let n = random.between(4, 10); n > 0; n -= 1) {
    await clock.sleep(random.between(minute, 90 * minute));
    if (random.chance(0.35)) {
      const bought = buyInPortal(model, customerId, random);
      // And thinks better of it.
      if (random.chance(0.4))
        model.at(clock.now() + random.between(10, 240) * minute, () => cancelInPortal(model, bought, random));
    } else if (random.chance(0.3)) changeInPortal(model, leftAlone.id, random);
    // Renewals come in bulk.
    else for (let more = random.between(1, 5); more > 0; more -= 1) renew(model, customerId, random);
  }
}

/** In some scenarios a subscription that orders are about is given to another customer, and sometimes back, or twice. */
export async function transferSubscriptions(
  model: ModelCmp,
  customers: readonly string[],
  { ordered, renewing }: Holdings,
  clock: Clock,
  random: Random,
): Promise<void> {
  if (!random.chance(0.3)) return;
  const subscription = random.chance(0.2) ? renewing : random.pick(ordered);
  for (let times = random.chance(0.3) ? 2 : 1; times > 0; times -= 1) {
    await clock.sleep(random.between(minute, 8 * 60 * minute));
    const others = customers.filter((one) => one !== subscription.customerId);
    model.transfer(subscription, random.pick(others));
  }
}

/** In some scenarios one is removed so that nothing of it is left. */
export async function wipeSubscription(
  model: ModelCmp,
  { leftAlone }: Holdings,
  clock: Clock,
  random: Random,
): Promise<void> {
  if (!random.chance(0.15)) return;
  await clock.sleep(random.between(60, 14 * 60) * minute);
  model.wipe(leftAlone);
}

function renew(model: ModelCmp, customerId: string, random: Random): void {
  model.settle();
  const active = [...model.subscriptions.values()].filter(
    (one) => one.customerId === customerId && one.status === 'active',
  );
  if (active.length === 0) return;
  const { id, poNumber } = random.pick(active);
  model.placeElsewhere(
    { type: 'renewal', customerId, subscriptionId: id, poNumber, fate: 'error' },
    random.between(2, 300) * 1000,
  );
}

function buyInPortal(model: ModelCmp, customerId: string, random: Random): ModelOrder {
  const mpn = random.pick(mpns);
  const quantity = random.between(1, 50);
  const order = { poNumber: `PO-${random.between(1, 9999)}`, lines: [{ mpn, quantity, target: quantity }] };
  return model.placeElsewhere({ type: 'sales', customerId, ...order }, random.between(2, 300) * 1000);
}

function cancelInPortal(model: ModelCmp, { customerId, subscriptionId }: ModelOrder, random: Random): void {
  if (subscriptionId === undefined) return;
  model.placeElsewhere({ type: 'cancellation', customerId, subscriptionId }, random.between(2, 300) * 1000);
}

function changeInPortal(model: ModelCmp, id: string, random: Random): void {
  model.settle();
  const { customerId, mpn, quantity: before, status } = model.subscriptions.get(id)!;
  // CMP takes no second change beside one that is under way.
  const busy = model.orders.some(
    (order) => order.subscriptionId === id && order.type === 'change' && isOpen(order),
  );
  if (status !== 'active' || busy) return;
  const target = before + random.between(1, 10);
  const lines = [{ mpn, quantity: target - before, target }];
  model.placeElsewhere(
    { type: 'change', customerId, subscriptionId: id, lines },
    random.between(2, 300) * 1000,
  );
}
