import { defineEntity, p } from '@mikro-orm/core';

/** `undelivered`: its attempts ran out, or its endpoint was disabled. */
export const deliveryStatuses = ['pending', 'delivered', 'undelivered'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

const deliveryTable = defineEntity({
  name: 'Delivery',
  tableName: 'deliveries',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    endpointId: p.uuid(),
    eventId: p.uuid(),
    /** The event's; what is about one aggregate is sent one after another. */
    aggregate: p.text(),
    status: p.enum(deliveryStatuses),
    /** Of a replay or a recovery: those of one aggregate wait for each other's end. */
    inOrder: p.boolean().default(false),
    /** Order in which an endpoint is served. */
    position: p.bigint('number'),
    /** Counts requests to send it again; the result of an attempt of an earlier round is only logged. */
    round: p.integer().default(1),
    /** Attempts of this round, and all there were. */
    tries: p.integer().default(0),
    attempts: p.integer().default(0),
    nextAttemptAt: p.datetime(),
    lastAttemptAt: p.datetime().nullable(),
    lastStatus: p.integer().nullable(),
    lastError: p.text().nullable(),
    createdAt: p.datetime(),
  },
});

/** An event on its way to an endpoint; there is one for each pair. */
export class Delivery extends deliveryTable.class {}
deliveryTable.setClass(Delivery);

const attemptTable = defineEntity({
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
export class DeliveryAttempt extends attemptTable.class {}
attemptTable.setClass(DeliveryAttempt);
