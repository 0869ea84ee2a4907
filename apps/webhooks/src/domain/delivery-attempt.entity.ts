import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'DeliveryAttempt',
  tableName: 'delivery_attempts',
  properties: {
    deliveryId: p.uuid().primary(),
    number: p.integer().primary(),
    tenantId: p.uuid(),
    at: p.datetime(3),
    durationMs: p.integer(),
    url: p.text(),
    /** Without the signature. */
    requestHeaders: p.json<Record<string, string>>().columnType('json'),
    /** Null when there was no answer; then `error` says why. */
    status: p.integer().nullable(),
    error: p.text().nullable(),
    /** The beginning of the answer's body. */
    responseHead: p.text().nullable(),
  },
});

/** One request to an endpoint and what came of it. */
export class DeliveryAttempt extends schema.class {}
schema.setClass(DeliveryAttempt);
