import type { CmpCall } from '@isthmus/cmp-client';
import { defineEntity, type InferKyselyTable, p } from '@mikro-orm/postgresql';
import type { Selectable } from 'kysely';
import { Order } from '../order.entity.ts';

/** A call to CMP that was made for an order, stored for users. The order does not depend on it. */
export const OrderCall = defineEntity({
  name: 'OrderCall',
  tableName: 'order_calls',
  indexes: [
    { name: 'order_calls_of_order', properties: ['orderId', 'id'] },
    { name: 'order_calls_by_age', properties: ['at'] },
  ],
  properties: {
    id: p.bigint('string').primary().columnType('bigint').autoincrement().generated('identity'),
    tenantId: p.uuid(),
    orderId: () => p.manyToOne(Order).mapToPk().joinColumn('order_id').deleteRule('cascade'),
    /** The time at which it was sent. */
    at: p.datetime(),
    operation: p.text(),
    method: p.text().$type<CmpCall['method']>(),
    path: p.text(),
    attempt: p.integer(),
    lane: p.text().$type<CmpCall['lane']>(),
    /** Null if there was no response. */
    httpStatus: p.integer().strictNullable(),
    /** `ok`, or the code of the error. */
    result: p.text(),
    tookMs: p.integer(),
    waitedMs: p.integer(),
    cmpCorrelationId: p.text().strictNullable(),
    /** The fields of CMP's response that may be kept. */
    response: p.json<object>().columnType('json').strictNullable(),
  },
});

export type OrderCallRow = Selectable<
  InferKyselyTable<typeof OrderCall, { columnNamingStrategy: 'property' }>
>;
