import { defineEntity, p } from '@mikro-orm/core';

/** `undelivered`: its attempts ran out, or its endpoint was disabled. */
export const deliveryStatuses = ['pending', 'delivered', 'undelivered'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

const schema = defineEntity({
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
    /** Counts how often it was asked for anew; the result of an attempt of an earlier round is only logged. */
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
export class Delivery extends schema.class {}
schema.setClass(Delivery);
