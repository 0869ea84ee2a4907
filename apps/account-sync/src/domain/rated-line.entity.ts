import { defineEntity, p } from '@mikro-orm/core';
import { ratedLineKinds } from '@isthmus/contracts';

const lineSchema = defineEntity({
  name: 'RatedLine',
  tableName: 'rated_lines',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    documentId: p.uuid(),
    /** Its row in the report that first had it, from 1. */
    rowNo: p.integer(),
    kind: p.enum(ratedLineKinds),
    customerName: p.text(),
    /** CMP's id of the customer's account, and the id that account has with us, or will have. */
    cmpAccountId: p.text().nullable(),
    accountRef: p.uuid().nullable(),
    cmpSubscriptionId: p.text().nullable(),
    /** The id the subscription has with us, or will have. */
    subscriptionRef: p.uuid().nullable(),
    mpn: p.text().nullable(),
    vendor: p.text().nullable(),
    description: p.text(),
    chargeType: p.text(),
    orderId: p.text().nullable(),
    chargeStart: p.text().columnType('date').nullable(),
    chargeEnd: p.text().columnType('date').nullable(),
    unitPrice: p.decimal().columnType('numeric').nullable(),
    quantity: p.decimal().columnType('numeric'),
    tax: p.decimal().columnType('numeric').nullable(),
    discount: p.decimal().columnType('numeric').nullable(),
    total: p.decimal().columnType('numeric'),
    currency: p.text(),
    service: p.text().nullable(),
    resource: p.text().nullable(),
    unit: p.text().nullable(),
    region: p.text().nullable(),
    /** Columns nobody knows, as they came. */
    other: p.json<Record<string, string>>().columnType('json').nullable(),
    /** Equal for lines that say the same. */
    content: p.uuid(),
    /** Of the subscription when the line was matched; ISO 8601. */
    billingCycle: p.text().nullable(),
    providerAccountId: p.uuid().nullable(),
    providerSubscriptionId: p.uuid().nullable(),
    matchedBy: p.enum(['subscription', 'account-id', 'customer-name'] as const).nullable(),
    unmatchedReason: p.text().nullable(),
  },
});

/** One charge of CMP to the reseller, and whose it is. */
export class RatedLine extends lineSchema.class {}
lineSchema.setClass(RatedLine);
