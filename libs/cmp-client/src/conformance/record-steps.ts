import type { ListPage } from '../listing.ts';
import type { CmpOrderDetail } from '../resources/orders.ts';
import { type ConformanceStep, expectedFailure, type Observation } from './conformance-step.ts';

/** Whether every list can be read, whether rows really lack products, and whether details can be read. */
export const detailShapes: ConformanceStep = {
  name: 'detail shapes',
  kind: 'reads',
  async run({ client }) {
    const subscriptions = await client.subscriptions.page({ limit: 100 });
    const orders = await client.orders.page({ limit: 100 });
    const observations = [
      readable('customers', await client.customers.page({ limit: 100 })),
      readable('products', await client.products.page({ limit: 100 })),
      readable('subscriptions', subscriptions),
      readable('orders', orders),
      withoutProducts('subscription rows', subscriptions),
      withoutProducts('order rows', orders),
    ];
    for (const { id } of subscriptions.records.slice(0, 3)) {
      observations.push(detail(`subscription ${id}`, await expectedFailure(client.subscriptions.get(id!))));
    }
    for (const { id } of orders.records.slice(0, 3)) {
      observations.push(detail(`order ${id}`, await expectedFailure(client.orders.get(id!))));
    }
    return observations;
  },
};

function readable(subject: string, { records }: ListPage<unknown>): Observation {
  const bad = records.flatMap((record) => (record.ok ? [] : `${record.field}: ${record.reason}`));
  const observed =
    bad.length === 0 ? `${records.length} read` : `${bad.length} of ${records.length} not: ${bad[0]}`;
  return {
    subject,
    assumed: 'every row can be read',
    observed,
    holds: records.length === 0 ? undefined : bad.length === 0,
  };
}

function withoutProducts(subject: string, { records }: ListPage<unknown>): Observation {
  const rich = records.filter(
    ({ raw }) => typeof raw === 'object' && raw !== null && 'products' in raw,
  ).length;
  return {
    subject,
    assumed: 'no products',
    observed: `${rich} of ${records.length} have some`,
    holds: records.length === 0 ? undefined : rich === 0,
  };
}

const detail = (subject: string, failure: Error | undefined): Observation => ({
  subject,
  assumed: 'the detail can be read',
  observed: failure?.message ?? 'read',
  holds: failure === undefined,
});

const maxOrders = 10;

/** The meaning of the quantity on a line of a change order. Only a decrease or a scheduled change can show it. */
export const orderLines: ConformanceStep = {
  name: 'order lines',
  kind: 'reads',
  async run({ client, assumptions }) {
    const { records } = await client.orders.page({ limit: 500 });
    const changes = records.flatMap((record) =>
      record.ok && record.value.type === 'change' ? record.value.id : [],
    );
    const details: CmpOrderDetail[] = [];
    for (const id of changes.slice(0, maxOrders)) details.push(await client.orders.get(id));
    const quantities = (orders: CmpOrderDetail[]) =>
      orders.flatMap(({ products }) => products.map(({ quantity }) => quantity));
    const immediate = quantities(details.filter(({ scheduledOn }) => !scheduledOn));
    const scheduled = quantities(details.filter(({ scheduledOn }) => scheduledOn));
    const negative = immediate.some((quantity) => quantity < 0);
    return [
      {
        subject: 'changeLineQuantityIsDelta',
        assumed: String(assumptions.changeLineQuantityIsDelta),
        observed: immediate.length
          ? `quantities ${immediate.join(', ')}`
          : 'no immediate change order among the newest',
        holds: negative ? assumptions.changeLineQuantityIsDelta : undefined,
      },
      {
        subject: 'scheduledLineQuantityIsTotal',
        assumed: String(assumptions.scheduledLineQuantityIsTotal),
        observed: scheduled.length
          ? `quantities ${scheduled.join(', ')}`
          : 'no scheduled change order among the newest',
        holds: scheduled.some((quantity) => quantity < 0)
          ? !assumptions.scheduledLineQuantityIsTotal
          : undefined,
      },
    ];
  },
};

/** Checks where cancellation and renewal orders name their subscription. */
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

const day = 86_400_000;

/** Checks how the end of a term relates to its renewal, over the active subscriptions. */
export const renewalDates: ConformanceStep = {
  name: 'renewal dates',
  kind: 'reads',
  async run({ client, assumptions }) {
    const { records } = await client.subscriptions.page({ limit: 500, status: 'active' });
    const counts = { 'same-day': 0, 'day-before-renewal': 0, other: 0 };
    for (const record of records) {
      if (!record.ok) continue;
      const { renewalDate, expirationDate } = record.value;
      if (!renewalDate || !expirationDate) continue;
      const days = (Date.parse(renewalDate) - Date.parse(expirationDate)) / day;
      counts[days === 0 ? 'same-day' : days === 1 ? 'day-before-renewal' : 'other']++;
    }
    const observed = Object.entries(counts)
      .map(([relation, count]) => `${count} ${relation}`)
      .join(', ');
    const assumed = assumptions.expirationRelation;
    const seen = Object.values(counts).some((count) => count > 0);
    const agrees = assumed !== 'unknown' && counts[assumed] > 0 && counts.other === 0;
    return [
      {
        subject: 'expirationRelation',
        assumed,
        observed,
        holds: !seen || assumed === 'unknown' ? undefined : agrees,
      },
    ];
  },
};
