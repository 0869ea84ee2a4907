import { Conditions, type TenantRows } from '@isthmus/service-kit';

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

export interface UseFilter {
  connectorId: string;
  /** Of this part number, whatever its periods. */
  partNumberKey?: string;
  billingPeriod?: string;
  term?: string;
  /** Whose part number resolves to this product, or whose line names it. */
  productId?: string;
}

/** Live subscriptions that use a part number or a product; one row more than `limit` when there are more. */
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
