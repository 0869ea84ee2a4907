import type { CmpOrderDetail } from '../../records/order-detail.ts';
import type { ConformanceStep } from '../conformance-step.ts';

const looks = 10;

/** What the quantity on a line of a change order says. Only a decrease or a scheduled change can tell. */
export const orderLines: ConformanceStep = {
  name: 'order lines',
  kind: 'reads',
  async run({ client, assumptions }) {
    const { records } = await client.orders.page({ limit: 500 });
    const changes = records.flatMap((record) =>
      record.ok && record.value.type === 'change' ? record.value.id : [],
    );
    const details: CmpOrderDetail[] = [];
    for (const id of changes.slice(0, looks)) details.push(await client.orders.get(id));
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
