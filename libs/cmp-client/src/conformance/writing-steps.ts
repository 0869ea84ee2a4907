import { CmpRejected } from '../errors.ts';
import type { CmpOrderRequest } from '../resources/orders.ts';
import type { CmpSubscriptionDetail } from '../resources/subscriptions.ts';
import { type ConformanceStep, type ConformanceTarget, expectedFailure } from './conformance-step.ts';

/** Switches auto-renew of the writable subscription, reads it, and switches it back. */
export const renewalSwitch: ConformanceStep = {
  name: 'renewal switch',
  kind: 'writes',
  async run({ client, writableSubscriptionId: id }) {
    const before = (await client.subscriptions.get(id!)).renewalStatus ?? false;
    await client.subscriptions.update(id!, { renewalStatus: !before });
    const during = (await client.subscriptions.get(id!)).renewalStatus;
    await client.subscriptions.update(id!, { renewalStatus: before });
    const after = (await client.subscriptions.get(id!)).renewalStatus;
    return [
      {
        subject: 'PATCH renewalStatus',
        assumed: 'takes effect immediately',
        observed: `${before} → ${during} → ${after}`,
        holds: during === !before && after === before,
      },
    ];
  },
};

const timeoutMs = 300_000;

/**
 * Adds one seat to the writable subscription by the total, tries a second change meanwhile, and removes the seat again. The
 * seat is charged by the day until then.
 */
export const changeQuantity: ConformanceStep = {
  name: 'change quantity',
  kind: 'writes',
  async run(target) {
    const { client, assumptions, writableSubscriptionId: id } = target;
    const before = await client.subscriptions.get(id!);
    const [product] = before.products;
    if (!product)
      return [
        { subject: 'changeQuantityIsTotal', assumed: '', observed: 'it has no product', holds: undefined },
      ];
    const seats = product.quantity;
    const first = await client.orders.place(change(before, seats + 1));
    let last = first;
    const second = await expectedFailure(
      client.orders.place(change(before, seats + 2)).then((order) => (last = order)),
    );
    await untilSettled(target, last.id);
    const after = (await client.subscriptions.get(id!)).products[0]?.quantity ?? seats;
    const isTotal = after === (second ? seats + 1 : seats + 2);
    if (after !== seats) {
      // If CMP expects differences, removing the seat is one too.
      await untilSettled(
        target,
        (await client.orders.place(change(before, isTotal ? seats : seats - after))).id,
      );
    }
    const known = second instanceof CmpRejected && second.outcome === 'refused';
    return [
      {
        subject: 'changeQuantityIsTotal',
        assumed: String(assumptions.changeQuantityIsTotal),
        observed: `${seats} seats, ordered ${second ? seats + 1 : seats + 2}, now ${after}`,
        holds: isTotal === assumptions.changeQuantityIsTotal,
      },
      {
        subject: 'businessRefusals',
        assumed: 'a second change is rejected with a known message',
        observed: second ? `${second.httpStatus}: ${second.cmpMessage}` : 'a second change was accepted',
        holds: second ? known : undefined,
      },
    ];
  },
};

function change(
  { id, customerId, products, ...subscription }: CmpSubscriptionDetail,
  quantity: number,
): CmpOrderRequest {
  const { mpn, vendor } = products[0]!;
  const { billingPeriod, subscriptionPeriod } = subscription;
  return {
    type: 'change',
    customerId,
    poNumber: 'conformance',
    products: [{ subscriptionId: id, mpn, vendor, quantity, billingPeriod, subscriptionPeriod }],
  };
}

async function untilSettled(
  { client, session: { clock } }: ConformanceTarget,
  orderId: string,
): Promise<void> {
  const until = clock.now() + timeoutMs;
  while (clock.now() < until) {
    const { status } = await client.orders.get(orderId);
    if (status !== 'submitted' && status !== 'processing') return;
    await clock.sleep(2000);
  }
}
