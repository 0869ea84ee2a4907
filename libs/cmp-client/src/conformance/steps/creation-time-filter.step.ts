import type { ConformanceStep } from '../conformance-step.ts';

export const creationTimeFilter: ConformanceStep = {
  name: 'creation time filter',
  kind: 'reads',
  async run({ client, assumptions }) {
    const assumed = String(assumptions.creationTimeFilterWorks);
    const subject = 'creationTimeFilterWorks';
    const { records, total } = await client.orders.page({ limit: 500 });
    const times = records.flatMap((record) => (record.ok ? Date.parse(record.value.creationDate) : []));
    const oldest = Math.min(...times);
    const newest = Math.max(...times);
    if (times.length < 3 || oldest === newest)
      return [{ subject, assumed, observed: 'too few orders', holds: undefined }];

    const from = new Date((oldest + newest) / 2).toISOString();
    const later = await client.orders.page({ limit: 500, creationTimeFrom: from });
    const earlier = await client.orders.page({ limit: 1, creationTimeTo: from });
    const since = Date.parse(from) - 1000;
    const tooOld = later.records.filter(
      (record) => record.ok && Date.parse(record.value.creationDate) < since,
    ).length;
    const works = tooOld === 0 && later.total < total && Math.abs(later.total + earlier.total - total) <= 1;
    const observed = `${later.total} from and ${earlier.total} to a moment, of ${total}; ${tooOld} too old`;
    return [{ subject, assumed, observed, holds: works === assumptions.creationTimeFilterWorks }];
  },
};
