import { type ConformanceStep, expectedFailure } from './conformance-step.ts';

export const pageLimit: ConformanceStep = {
  name: 'page limit',
  kind: 'reads',
  async run(target) {
    const assumed = target.assumptions.maxPageSize;
    const full = await target.list('/subscriptions', { limit: assumed });
    const requested = assumed * 2;
    const failure = await expectedFailure(target.raw('/subscriptions', { limit: requested }));
    const more = failure
      ? undefined
      : (await target.list('/subscriptions', { limit: requested })).data.length;
    const observed = failure
      ? `${full.data.length} rows at ${assumed}; ${requested} is rejected (${failure.httpStatus})`
      : `${full.data.length} rows at ${assumed}, ${more} at ${requested}`;
    const enough = full.total > assumed;
    const holds = enough
      ? full.data.length === assumed && (failure !== undefined || more === assumed)
      : undefined;
    return [{ subject: 'maxPageSize', assumed: String(assumed), observed, holds }];
  },
};

export const listOrder: ConformanceStep = {
  name: 'list order',
  kind: 'reads',
  async run(target) {
    const assumed = String(target.assumptions.listsAreNewestFirst);
    const limit = target.assumptions.maxPageSize;
    const first = await target.list('/orders', { limit });
    const second =
      first.total > limit ? await target.list('/orders', { limit, offset: limit }) : { data: [] };
    const dates = [...first.data, ...second.data].map(({ creationDate }) => String(creationDate));
    const wrong = dates.filter((date, i) => i > 0 && date > dates[i - 1]!).length;
    const holds = dates.length < 2 ? undefined : (wrong === 0) === target.assumptions.listsAreNewestFirst;
    return [
      {
        subject: 'listsAreNewestFirst',
        assumed,
        observed: `${wrong} of ${dates.length} orders out of place`,
        holds,
      },
    ];
  },
};

export const statusFilter: ConformanceStep = {
  name: 'status filter',
  kind: 'reads',
  async run(target) {
    const assumed = target.assumptions.statusFilterTakesOneValue;
    const failure = await expectedFailure(
      target.raw('/subscriptions', { status: 'active,pending', limit: 1 }),
    );
    const { data } = await target.list('/subscriptions', { status: 'active', limit: 50 });
    const others = data.filter(({ status }) => status !== 'active').length;
    return [
      {
        subject: 'statusFilterTakesOneValue',
        assumed: String(assumed),
        observed: failure ? `a list is rejected (${failure.httpStatus})` : 'a list is accepted',
        holds: assumed === (failure !== undefined),
      },
      {
        subject: 'status=active',
        assumed: 'only active rows',
        observed: `${others} others of ${data.length}`,
        holds: others === 0,
      },
    ];
  },
};

/** CMP silently ignores unknown parameters, so a filter that "works" must be observed to change something. */
export const unknownParameter: ConformanceStep = {
  name: 'unknown parameter',
  kind: 'reads',
  async run(target) {
    const all = await target.list('/subscriptions', { limit: 1 });
    const filtered = await target.list('/subscriptions', { limit: 1, noSuchFilterAnywhere: 'x' });
    const observed = `${all.total} rows without, ${filtered.total} with`;
    return [
      { subject: 'unknown parameters', assumed: 'ignored', observed, holds: all.total === filtered.total },
    ];
  },
};

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

export const times: ConformanceStep = {
  name: 'times',
  kind: 'reads',
  async run(target) {
    const { data } = await target.list('/orders', { limit: 100 });
    const dates = data.map(({ creationDate }) => String(creationDate));
    const zoned = dates.filter((date) => /(Z|[+-]\d{2}:?\d{2})$/.test(date)).length;
    // If every time has a zone, the assumption is never used.
    const holds = dates.length > 0 && zoned === dates.length ? true : undefined;
    const assumed = String(target.assumptions.timesWithoutZoneAreUtc);
    return [
      {
        subject: 'timesWithoutZoneAreUtc',
        assumed,
        observed: `${zoned} of ${dates.length} times have a zone`,
        holds,
      },
    ];
  },
};

export const reportPaging: ConformanceStep = {
  name: 'report paging',
  kind: 'reads',
  async run(target) {
    const assumed = target.assumptions.reportsIgnorePaging;
    const row = { subject: 'reportsIgnorePaging', assumed: String(assumed) };
    const { data, total } = await target.list('/reports', { limit: 1 });
    if (total < 2) return [{ ...row, observed: `${total} reports, too few to tell`, holds: undefined }];
    const ignored = data.length === total;
    return [
      { ...row, observed: `${data.length} of ${total} reports at limit 1`, holds: ignored === assumed },
    ];
  },
};
