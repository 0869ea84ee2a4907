import type { Clock } from '@isthmus/domain';
import type { ModelCmp } from './cmp/model-cmp.ts';
import { isOpen, type ModelOrder } from './cmp/model-order.ts';
import { mpns, type Estate } from './estate.ts';
import type { Dice } from './dice.ts';

const minute = 60_000;

/**
 * What else goes on at CMP meanwhile: renewals that fail and copy the last number of their subscription, and people in the portal
 * who order the same products, with numbers of their own, and change seats.
 */
export async function liveBeside(
  model: ModelCmp,
  customerId: string,
  { leftAlone }: Estate,
  clock: Clock,
  dice: Dice,
): Promise<void> {
  for (let n = dice.between(4, 10); n > 0; n -= 1) {
    await clock.sleep(dice.between(minute, 90 * minute));
    if (dice.chance(0.35)) {
      const bought = buyInPortal(model, customerId, dice);
      // And thinks better of it.
      if (dice.chance(0.4))
        model.at(clock.now() + dice.between(10, 240) * minute, () => cancelInPortal(model, bought, dice));
    } else if (dice.chance(0.3)) changeInPortal(model, leftAlone.id, dice);
    // Renewals come in bulk.
    else for (let more = dice.between(1, 5); more > 0; more -= 1) renew(model, customerId, dice);
  }
}

/** In some stories a subscription that orders are about is given to another customer, and sometimes back, or twice. */
export async function transferSome(
  model: ModelCmp,
  customers: readonly string[],
  { ordered, renewing }: Estate,
  clock: Clock,
  dice: Dice,
): Promise<void> {
  if (!dice.chance(0.3)) return;
  const subscription = dice.chance(0.2) ? renewing : dice.pick(ordered);
  for (let times = dice.chance(0.3) ? 2 : 1; times > 0; times -= 1) {
    await clock.sleep(dice.between(minute, 8 * 60 * minute));
    const others = customers.filter((one) => one !== subscription.customerId);
    model.transfer(subscription, dice.pick(others));
  }
}

/** In some stories one is removed so that nothing of it is left. */
export async function wipeSome(
  model: ModelCmp,
  { leftAlone }: Estate,
  clock: Clock,
  dice: Dice,
): Promise<void> {
  if (!dice.chance(0.15)) return;
  await clock.sleep(dice.between(60, 14 * 60) * minute);
  model.wipe(leftAlone);
}

function renew(model: ModelCmp, customerId: string, dice: Dice): void {
  model.settle();
  const active = [...model.subscriptions.values()].filter(
    (one) => one.customerId === customerId && one.status === 'active',
  );
  if (active.length === 0) return;
  const { id, poNumber } = dice.pick(active);
  model.placeElsewhere(
    { type: 'renewal', customerId, subscriptionId: id, poNumber, fate: 'error' },
    dice.between(2, 300) * 1000,
  );
}

function buyInPortal(model: ModelCmp, customerId: string, dice: Dice): ModelOrder {
  const mpn = dice.pick(mpns);
  const quantity = dice.between(1, 50);
  const order = { poNumber: `PO-${dice.between(1, 9999)}`, lines: [{ mpn, quantity, target: quantity }] };
  return model.placeElsewhere({ type: 'sales', customerId, ...order }, dice.between(2, 300) * 1000);
}

function cancelInPortal(model: ModelCmp, { customerId, subscriptionId }: ModelOrder, dice: Dice): void {
  if (subscriptionId === undefined) return;
  model.placeElsewhere({ type: 'cancellation', customerId, subscriptionId }, dice.between(2, 300) * 1000);
}

function changeInPortal(model: ModelCmp, id: string, dice: Dice): void {
  model.settle();
  const { customerId, mpn, quantity: before, status } = model.subscriptions.get(id)!;
  // CMP takes no second change beside one that is under way.
  const busy = model.orders.some(
    (order) => order.subscriptionId === id && order.type === 'change' && isOpen(order),
  );
  if (status !== 'active' || busy) return;
  const target = before + dice.between(1, 10);
  const lines = [{ mpn, quantity: target - before, target }];
  model.placeElsewhere(
    { type: 'change', customerId, subscriptionId: id, lines },
    dice.between(2, 300) * 1000,
  );
}
