import type { ConformanceStep } from '../conformance-step.ts';

export const orderNumberFilter: ConformanceStep = {
  name: 'order number filter',
  kind: 'reads',
  async run({ client, assumptions }) {
    const assumed = assumptions.orderNumberFilterWorks;
    const row = { subject: 'orderNumberFilterWorks', assumed: String(assumed) };
    const { records, total } = await client.orders.page({ limit: 5 });
    const orderNumber = records.flatMap((record) => (record.ok ? (record.value.orderNumber ?? []) : []))[0];
    if (!orderNumber || total < 2) return [{ ...row, observed: 'too few orders', holds: undefined }];
    const found = await client.orders.page({ limit: 5, orderNumber });
    const works = found.total >= 1 && found.total < total;
    return [{ ...row, observed: `${found.total} of ${total} orders`, holds: works === assumed }];
  },
};
