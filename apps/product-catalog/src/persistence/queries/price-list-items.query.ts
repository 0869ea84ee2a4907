import type { PriceListType, PriceTimeline } from '@isthmus/contracts';
import { CountryCode } from '@isthmus/domain';
import { Conditions, type TenantRows } from '@isthmus/service-kit';
import { aliasOfProduct } from './catalog-product.sql.ts';

export interface PriceListItemRow {
  priceId: string;
  productId: string;
  cmpProductId: string | null;
  vendor: string;
  mpn: string;
  alias: string | null;
  name: string;
  serviceName: string | null;
  term: string | null;
  billingPeriod: string | null;
  market: string;
  currency: string;
  priceType: string;
  amount: string | null;
  cost: string | null;
  tierMin: number;
  /** Where the next tier begins. */
  nextTier: number | null;
  effectiveFrom: Date;
  effectiveTo: Date | null;
}

export interface PriceListFilter {
  connectorId: string;
  market: string;
  type: PriceListType;
  timeline: PriceTimeline;
}

/**
 * Which of Work 365's price lists a product is on. CMP has no such lists; the mpn's form tells Microsoft's new commerce from the legacy
 * offers, and what has neither term nor billing period is bought once, as software is.
 */
const typeOf = `case
  when p.vendor_key not like 'microsoft%' then 'marketplace'
  when p.name ~* '\\mreserv(ed|ation)' then 'azure_reservations'
  when p.mpn_key ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(_annual|_monthly)?$' then 'legacy'
  when p.term is null and p.billing_period is null then 'software'
  else 'licensebased' end`;

const timelines: Record<PriceTimeline, string> = {
  current: 'e.effective_to is null and p.gone_at is null',
  history: 'e.effective_to is not null',
  future: 'false',
};

// The tiers that held when this one began to; of present ones, those that hold.
const beside = `case when e.effective_to is null then n.effective_to is null
  else n.effective_from <= e.effective_from and coalesce(n.effective_to > e.effective_from, true) end`;

/** Product by product; one row more than `limit` when there are more. */
export function listPriceListItems(
  rows: TenantRows,
  { connectorId, market, type, timeline }: PriceListFilter,
  after: readonly unknown[] | undefined,
  limit: number,
): Promise<PriceListItemRow[]> {
  const where = new Conditions('p.tenant_id = $1')
    .when(connectorId, (id) => `p.connector_id = ${id}`)
    .when(CountryCode.read(market) ?? market.toUpperCase(), (country) => `c.country = ${country}`)
    .when(type, (one) => `${typeOf} = ${one}`)
    .and(timelines[timeline])
    .after(after, 'p.id, e.id', ['uuid', 'bigint']);
  const more = where.param(limit + 1);
  return rows.select(
    `select e.id::text as "priceId", p.id as "productId", p.cmp_product_id as "cmpProductId", p.vendor, p.mpn, ${aliasOfProduct} as alias, p.name,
       p.service_name as "serviceName", p.term, p.billing_period as "billingPeriod", c.country as market, e.currency,
       e.type as "priceType", e.amount::text as amount, e.cost::text as cost, e.lower_limit::float8 as "tierMin",
       (select min(n.lower_limit)::float8 from price_list_entries n
        where n.product_id = e.product_id and n.tenant_id = e.tenant_id and n.currency = e.currency and n.type = e.type
          and n.lower_limit > e.lower_limit and ${beside}) as "nextTier",
       e.effective_from as "effectiveFrom", e.effective_to as "effectiveTo"
     from products p join connectors c on c.connector_id = p.connector_id and c.tenant_id = p.tenant_id
       join price_list_entries e on e.product_id = p.id and e.tenant_id = p.tenant_id
     where ${where} order by p.id, e.id limit ${more}`,
    where.values,
  );
}
