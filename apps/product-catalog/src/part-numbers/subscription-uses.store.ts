import type { ProviderSubscriptionAppearedV1, SubscriptionLineV1 } from '@isthmus/contracts';
import type { Message, Statements } from '@isthmus/messaging';
import { Conditions, type TenantRows } from '@isthmus/service-kit';
import { defineEntity, p } from '@mikro-orm/core';

const useSchema = defineEntity({
  name: 'SubscriptionUse',
  tableName: 'subscription_uses',
  indexes: [
    { name: 'subscription_uses_by_part_number', properties: ['partNumberId'] },
    { name: 'subscription_uses_by_product', properties: ['connectorId', 'cmpProductId'] },
  ],
  properties: {
    providerSubscriptionId: p.uuid().primary(),
    line: p.integer().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    cmpSubscriptionId: p.text(),
    providerAccountId: p.uuid().nullable(),
    partNumberId: p.uuid(),
    /** CMP's product id of the line. */
    cmpProductId: p.text(),
    name: p.text(),
    quantity: p.decimal().columnType('numeric'),
    status: p.text(),
  },
});

/** A line of a provider subscription: which part number it uses. Published by account-sync. */
export class SubscriptionUse extends useSchema.class {}
useSchema.setClass(SubscriptionUse);

const seenSchema = defineEntity({
  name: 'SeenSubscription',
  tableName: 'seen_subscriptions',
  properties: {
    providerSubscriptionId: p.uuid().primary(),
    tenantId: p.uuid(),
    /** Version of the subscription at its owner; older events are ignored. */
    version: p.integer(),
  },
});

/** Up to which version this service knows a provider subscription. */
export class SeenSubscription extends seenSchema.class {}
seenSchema.setClass(SeenSubscription);

/** A line with the part number it uses. */
type Use = SubscriptionLineV1 & { line: number; partNumberId: string };

export async function insertUses(
  client: Statements,
  tenantId: string,
  subscription: ProviderSubscriptionAppearedV1,
  uses: readonly Use[],
): Promise<void> {
  await client.query(
    `insert into subscription_uses (provider_subscription_id, line, tenant_id, connector_id, cmp_subscription_id,
       provider_account_id, part_number_id, cmp_product_id, name, quantity, status)
     select $2, u.line, $1, $3, $4, $5, u."partNumberId", u."productId", u.name, u.quantity, $6
     from json_to_recordset($7) as u(line int, "partNumberId" uuid, "productId" text, name text, quantity numeric)`,
    [
      tenantId,
      subscription.providerSubscriptionId,
      subscription.connectorId,
      subscription.cmpSubscriptionId,
      subscription.providerAccountId ?? null,
      subscription.status,
      JSON.stringify(uses),
    ],
  );
}

export async function deleteUses(
  client: Statements,
  tenantId: string,
  providerSubscriptionId: string,
): Promise<void> {
  await client.query('delete from subscription_uses where provider_subscription_id = $1 and tenant_id = $2', [
    providerSubscriptionId,
    tenantId,
  ]);
}

/** Records the version of a subscription; false when this or a later one is known already. */
export async function isNewer(
  client: Statements,
  providerSubscriptionId: string,
  { tenantId, aggregateVersion }: Message,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into seen_subscriptions as s (provider_subscription_id, tenant_id, version) values ($1, $2, $3)
     on conflict (provider_subscription_id) do update set version = excluded.version
     where s.version < excluded.version and s.tenant_id = excluded.tenant_id`,
    [providerSubscriptionId, tenantId, aggregateVersion],
  );
  return rowCount === 1;
}

export interface SubscriptionUseRow {
  providerSubscriptionId: string;
  line: number;
  cmpSubscriptionId: string;
  providerAccountId: string | null;
  partNumber: string;
  billingPeriod: string;
  term: string;
  cmpProductId: string;
  name: string;
  quantity: number;
  status: string;
}

interface UseFilter {
  connectorId: string;
  /** Of this part number, with any periods. */
  partNumberKey?: string;
  billingPeriod?: string;
  term?: string;
  /** Whose part number resolves to this product, or whose line names it. */
  productId?: string;
}

/** Live subscriptions that use a part number or a product; one row more than `limit` if there are more. */
export function listUses(
  rows: TenantRows,
  filter: UseFilter,
  after: readonly unknown[] | undefined,
  limit: number,
): Promise<SubscriptionUseRow[]> {
  const where = new Conditions('u.tenant_id = $1')
    .when(filter.connectorId, (id) => `u.connector_id = ${id}`)
    .when(filter.partNumberKey, (key) => `n.part_number_key = ${key}`)
    .when(filter.billingPeriod, (period) => `n.billing_period = ${period}`)
    .when(filter.term, (term) => `n.term = ${term}`)
    .when(
      filter.productId,
      (id) =>
        `(n.product_id = ${id} or u.cmp_product_id = (select p.cmp_product_id from products p where p.id = ${id}))`,
    )
    .after(after, 'u.provider_subscription_id, u.line', ['uuid', 'bigint']);
  const more = where.param(limit + 1);
  return rows.select(
    `select u.provider_subscription_id as "providerSubscriptionId", u.line, u.cmp_subscription_id as "cmpSubscriptionId",
       u.provider_account_id as "providerAccountId", n.part_number as "partNumber", n.billing_period as "billingPeriod", n.term,
       u.cmp_product_id as "cmpProductId", u.name, u.quantity::float8 as quantity, u.status
     from subscription_uses u join part_numbers n on n.id = u.part_number_id
     where ${where} order by u.provider_subscription_id, u.line limit ${more}`,
    where.values,
  );
}
