import type { ConformanceStep, Observation } from '../conformance-step.ts';

/** Where cancellation and renewal orders name their subscription. */
export const endingOrders: ConformanceStep = {
  name: 'ending orders',
  kind: 'reads',
  async run({ client, assumptions }) {
    const { records } = await client.orders.page({ limit: 500 });
    const observations: Observation[] = [];
    for (const type of ['cancellation', 'renewal'] as const) {
      const found = records.find((record) => record.ok && record.value.type === type);
      const order = found && (await client.orders.get(found.id!));
      observations.push({
        subject: 'cancellationNamesSubscriptionOnOrder',
        assumed: String(assumptions.cancellationNamesSubscriptionOnOrder),
        observed: order
          ? `${type}: ${order.subscriptionId ? 'on the order' : 'not on the order'}, ${order.products.length} lines`
          : `no ${type} order among the newest`,
        holds:
          order && (order.subscriptionId !== undefined) === assumptions.cancellationNamesSubscriptionOnOrder,
      });
    }
    return observations;
  },
};
