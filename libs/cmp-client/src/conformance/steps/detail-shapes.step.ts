import type { ListPage } from '../../listing/list-page.ts';
import type { ConformanceStep, Observation } from '../conformance-step.ts';
import { failureOf } from '../conformance-target.ts';

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
      observations.push(detail(`subscription ${id}`, await failureOf(client.subscriptions.get(id!))));
    }
    for (const { id } of orders.records.slice(0, 3)) {
      observations.push(detail(`order ${id}`, await failureOf(client.orders.get(id!))));
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
