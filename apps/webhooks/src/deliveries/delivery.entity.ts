import { defineEntity, type IndexColumnOptions, p } from '@mikro-orm/core';
import { Endpoint } from '../endpoints/endpoint.entity.ts';
import { StoredEvent } from '../events/event.entity.ts';

/** `undelivered`: its attempts ran out, or its endpoint was disabled. */
export const deliveryStatuses = ['pending', 'delivered', 'undelivered'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

const pending = `status = 'pending'`;
const newestOfEndpoint: IndexColumnOptions[] = [
  { name: 'endpointId' },
  { name: 'createdAt', sort: 'desc' },
  { name: 'id', sort: 'desc' },
];

const deliveryTable = defineEntity({
  name: 'Delivery',
  tableName: 'deliveries',
  uniques: [{ name: 'deliveries_once', properties: ['endpointId', 'eventId'] }],
  indexes: [
    { name: 'deliveries_in_line', properties: ['endpointId', 'position'], where: pending },
    { name: 'deliveries_due', properties: ['endpointId', 'nextAttemptAt'], where: pending },
    {
      name: 'deliveries_in_order',
      properties: ['endpointId', 'aggregate', 'position'],
      where: `${pending} and in_order`,
    },
    { name: 'deliveries_undelivered', columns: newestOfEndpoint, where: `status = 'undelivered'` },
    { name: 'deliveries_listed', columns: newestOfEndpoint },
    {
      name: 'deliveries_delivered',
      properties: ['endpointId', 'lastAttemptAt'],
      where: `status = 'delivered'`,
    },
    { name: 'deliveries_of_event', properties: ['eventId'] },
  ],
  properties: {
    id: p.uuid().primary().defaultRaw('gen_random_uuid()'),
    tenantId: p.uuid(),
    endpointId: () => p.manyToOne(Endpoint).mapToPk().joinColumn('endpoint_id').deleteRule('cascade'),
    eventId: () => p.manyToOne(StoredEvent).mapToPk().joinColumn('event_id').deleteRule('cascade'),
    /** The event's; what is about one aggregate is sent one after another. */
    aggregate: p.text(),
    status: p.enum(deliveryStatuses),
    /** Set for a replay or a recovery: deliveries of one aggregate wait for each other. */
    inOrder: p.boolean().default(false),
    /** Order in which an endpoint is served. */
    position: p.bigint('number'),
    /** Counts requests to send it again; the result of an attempt of an earlier round is only logged. */
    round: p.integer().default(1),
    /** Attempts of this round, and all there were. */
    tries: p.integer().default(0),
    attempts: p.integer().default(0),
    nextAttemptAt: p.datetime().defaultRaw('now()'),
    lastAttemptAt: p.datetime().strictNullable(),
    lastStatus: p.integer().strictNullable(),
    lastError: p.text().strictNullable(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** The delivery of an event to an endpoint; there is one for each pair. */
export class Delivery extends deliveryTable.class {}
deliveryTable.setClass(Delivery);

const attemptTable = defineEntity({
  name: 'DeliveryAttempt',
  tableName: 'delivery_attempts',
  properties: {
    deliveryId: () =>
      p.manyToOne(Delivery).mapToPk().primary().joinColumn('delivery_id').deleteRule('cascade'),
    number: p.integer().primary(),
    tenantId: p.uuid(),
    at: p.datetime(3),
    durationMs: p.integer(),
    url: p.text(),
    /** Headers without the signature. */
    requestHeaders: p.json<Record<string, string>>().columnType('json'),
    /** Null if there was no response; then `error` states why. */
    status: p.integer().strictNullable(),
    error: p.text().strictNullable(),
    /** The beginning of the response body. */
    responseHead: p.text().strictNullable(),
  },
});

/** One request to an endpoint and its result. */
export class DeliveryAttempt extends attemptTable.class {}
attemptTable.setClass(DeliveryAttempt);
