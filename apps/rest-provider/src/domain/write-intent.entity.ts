import type { CommandedOrderV1 } from '@isthmus/contracts';
import { defineEntity, p } from '@mikro-orm/core';
import type { Change, Purchase } from './purchase.ts';

export const intentKinds = ['purchase', 'change'] as const;
export type IntentKind = (typeof intentKinds)[number];

/**
 * `open`: nothing is known to be ordered. `ordered`: its orders are under way. `done`: CMP has proved them. `refused`:
 * nothing came of it.
 */
export const intentStatuses = ['open', 'ordered', 'done', 'refused'] as const;
export type IntentStatus = (typeof intentStatuses)[number];

/** Why nothing came of it. */
export interface Refusal {
  code: string;
  detail: string;
  nextStep?: string;
}

const schema = defineEntity({
  name: 'WriteIntent',
  tableName: 'write_intents',
  properties: {
    /** Of a purchase: the id of the subscription, as our clients know it. */
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    kind: p.enum(intentKinds),
    /** What makes two requests the same; unique among those that are in force. */
    key: p.text(),
    /** Whether the client chose the key; then it never becomes free. */
    ownKey: p.boolean(),
    /** An equal request is this one. */
    inForce: p.boolean(),
    status: p.enum(intentStatuses),
    /** Of a purchase. */
    customerId: p.uuid().strictNullable(),
    /** subscription-lifecycle's id; of a purchase once it is known. */
    subscriptionId: p.uuid().strictNullable(),
    wish: p.json().columnType('json').$type<Purchase | Change>(),
    /** What is sent for it, from before the first try on. */
    orders: p.json().columnType('json').$type<CommandedOrderV1[]>().strictNullable(),
    orderIds: p.json().columnType('json').$type<string[]>(),
    refusal: p.json().columnType('json').$type<Refusal>().strictNullable(),
    /** Whether friendly name and auto-renew of a purchase have been passed on. */
    handedOver: p.boolean(),
    askedBy: p.text(),
    createdAt: p.datetime(),
    finishedAt: p.datetime().strictNullable(),
  },
});

/** A write that a client asked for: stored before anything is ordered, and what repetitions are recognised by. */
export class WriteIntent extends schema.class {}
schema.setClass(WriteIntent);
