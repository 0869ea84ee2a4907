import type { CmpProduct } from '@isthmus/cmp-client';
import {
  PriceChangedV1,
  type PriceChangeV1,
  type PriceListType,
  type PriceTimeline,
} from '@isthmus/contracts';
import { CountryCode } from '@isthmus/domain';
import { event, type NewEvent, type SqlClient } from '@isthmus/messaging';
import { Conditions, type TenantRows } from '@isthmus/service-kit';
import type { ChangeOrigin, MirrorChange } from '@isthmus/sync-engine';
import { defineEntity, p, raw } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { PoolClient } from 'pg';
import { type CatalogPrice, productEventData, toPublished } from './product.ts';
import { productAliasSql } from './products.store.ts';

const schema = defineEntity({
  name: 'PriceListEntry',
  tableName: 'price_list_entries',
  indexes: [
    { name: 'price_list_entries_by_product', properties: ['productId', 'effectiveFrom'] },
    { name: 'price_list_entries_present', properties: ['productId'], where: 'effective_to is null' },
  ],
  properties: {
    id: p.bigint('number').primary().autoincrement(),
    tenantId: p.uuid(),
    productId: p.uuid(),
    currency: p.text(),
    /** `recurring`, `setup` or `overuse`. */
    type: p.text(),
    /** FLAT, TIERED or one of the volume models. */
    model: p.text(),
    lowerLimit: p.decimal('number').columnType('numeric'),
    /** The customer's price for a unit, and the reseller's cost. */
    amount: p.decimal().columnType('numeric').strictNullable(),
    cost: p.decimal().columnType('numeric').strictNullable(),
    effectiveFrom: p.datetime(),
    /** Empty for the present entry. */
    effectiveTo: p.datetime().strictNullable(),
  },
});

/** A line of a product's price list, with the time during which it was valid. */
export class PriceListEntry extends schema.class {}
schema.setClass(PriceListEntry);

/** A line of a price list: price and cost of the same kind, from the same minimum quantity. */
interface PriceLine {
  currency: string;
  type: string;
  model: string;
  lowerLimit: number;
  amount: string | null;
  cost: string | null;
}

/** CMP lists prices and costs apart; a cost without a price is a line too. Of two for the same key the last one counts. */
export function priceLines(prices: readonly CatalogPrice[], costs: readonly CatalogPrice[]): PriceLine[] {
  const lines = new Map<string, PriceLine>();
  const lineOf = ({ currency, type = 'recurring', model = 'FLAT', lowerLimit = 0 }: CatalogPrice) => {
    const key = JSON.stringify([currency, type, lowerLimit]);
    const line = lines.get(key) ?? { currency, type, model, lowerLimit, amount: null, cost: null };
    lines.set(key, line);
    return line;
  };
  for (const price of prices) lineOf(price).amount = price.amount;
  for (const cost of costs) lineOf(cost).cost = cost.amount;
  return [...lines.values()];
}

interface PriceDifference extends PriceLine {
  productId: string;
  entry: string | null;
  fromAmount: string | null;
  fromCost: string | null;
  /** False when CMP no longer has the line. */
  offered: boolean;
}

const differenceSql = `
  select coalesce(i.product_id, e.product_id) as "productId", coalesce(i.currency, e.currency) as currency,
    coalesce(i.type, e.type) as type, coalesce(i.model, e.model) as model,
    coalesce(i.lower_limit, e.lower_limit)::float8 as "lowerLimit", i.amount, i.cost, e.id as entry,
    e.amount as "fromAmount", e.cost as "fromCost", i.product_id is not null as offered
  from json_to_recordset($2) as i(product_id uuid, currency text, type text, model text, lower_limit numeric, amount numeric, cost numeric)
  full join (select * from price_list_entries where product_id = any($1) and effective_to is null) e
    on e.product_id = i.product_id and e.currency = i.currency and e.type = i.type and e.lower_limit = i.lower_limit
  where i.product_id is null or e.id is null or e.amount is distinct from i.amount or e.cost is distinct from i.cost
    or e.model <> i.model`;

/** Writes the price list of products that were written, where it differs, and returns the events of price changes. */
export async function writePrices(
  client: PoolClient,
  changes: readonly MirrorChange<CmpProduct>[],
  origin: ChangeOrigin,
): Promise<NewEvent[]> {
  const priced = changes.filter(
    ({ kind, changed }) => kind === 'appeared' || changed.includes('prices') || changed.includes('costs'),
  );
  if (!priced.length) return [];
  const lines = priced.flatMap(({ id, value }) =>
    priceLines(value.prices, value.costs).map(({ lowerLimit, ...line }) => ({
      product_id: id,
      lower_limit: lowerLimit,
      ...line,
    })),
  );
  const { rows } = await client.query<PriceDifference>(differenceSql, [
    priced.map(({ id }) => id),
    JSON.stringify(lines),
  ]);
  if (!rows.length) return [];
  const ended = rows.flatMap(({ entry }) => (entry === null ? [] : [entry]));
  if (ended.length) {
    await client.query('update price_list_entries set effective_to = $2 where id = any($1)', [
      ended,
      origin.asOf,
    ]);
  }
  await insertEntries(
    client,
    rows.filter(({ offered }) => offered),
    origin,
  );
  return priced.flatMap((change) => priceEvents(change, rows, origin));
}

/** A product that is no longer offered no longer has a price. */
export async function closePrices(
  client: SqlClient,
  ids: readonly string[],
  { asOf }: ChangeOrigin,
): Promise<void> {
  await client.query(
    'update price_list_entries set effective_to = $2 where product_id = any($1) and effective_to is null',
    [ids, asOf],
  );
}

async function insertEntries(
  client: PoolClient,
  rows: readonly PriceDifference[],
  origin: ChangeOrigin,
): Promise<void> {
  if (!rows.length) return;
  await client.query(
    `insert into price_list_entries (tenant_id, product_id, currency, type, model, lower_limit, amount, cost, effective_from)
     select $1, r."productId", r.currency, r.type, r.model, r."lowerLimit", r.amount, r.cost, $2
     from json_to_recordset($3) as r("productId" uuid, currency text, type text, model text, "lowerLimit" numeric, amount numeric, cost numeric)`,
    [origin.tenantId, origin.asOf, JSON.stringify(rows)],
  );
}

function priceEvents(
  { kind, id, version, value }: MirrorChange<CmpProduct>,
  differences: readonly PriceDifference[],
  origin: ChangeOrigin,
): NewEvent[] {
  const own = differences.filter(({ productId }) => productId === id);
  // The first prices of a product are not a change.
  if (kind === 'appeared' || !own.length) return [];
  const data = {
    ...productEventData(toPublished(id, value), origin),
    changes: own.map(toPriceChange),
    since: origin.asOf,
  };
  return [event(PriceChangedV1, data, { tenantId: origin.tenantId, aggregateId: id, version })];
}

function toPriceChange(row: PriceDifference): PriceChangeV1 {
  const price = (amount: string | null, cost: string | null) => ({
    amount: amount ?? undefined,
    cost: cost ?? undefined,
  });
  return {
    currency: row.currency,
    type: row.type,
    lowerLimit: row.lowerLimit,
    from: row.entry === null ? undefined : price(row.fromAmount, row.fromCost),
    to: row.offered ? price(row.amount, row.cost) : undefined,
  };
}

/** The price list of a product: as it was at a time, or all of its history, newest first. */
export function listPrices(em: EntityManager, productId: string, at?: string): Promise<PriceListEntry[]> {
  // Passed as text, because PostgreSQL reads a date as the beginning of that day in the session's time zone.
  const time = () => raw('?::timestamptz', [at]);
  const valid = at !== undefined && {
    effectiveFrom: { $lte: time() },
    $or: [{ effectiveTo: null }, { effectiveTo: { $gt: time() } }],
  };
  return em.find(
    PriceListEntry,
    { productId, ...(valid || {}) },
    { orderBy: { effectiveFrom: 'desc', currency: 'asc', type: 'asc', lowerLimit: 'asc' } },
  );
}

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
  /** The quantity at which the next tier begins. */
  nextTier: number | null;
  effectiveFrom: Date;
  effectiveTo: Date | null;
}

interface PriceListFilter {
  connectorId: string;
  market: string;
  type: PriceListType;
  timeline: PriceTimeline;
}

/**
 * SQL that selects the Work 365 price list of a product. CMP has no such lists; the format of the MPN distinguishes Microsoft's
 * new commerce from the legacy offers, and a product with neither term nor billing period is bought once, like software.
 */
const listTypeSql = `case
  when p.vendor_key not like 'microsoft%' then 'marketplace'
  when p.name ~* '\\mreserv(ed|ation)' then 'azure_reservations'
  when p.mpn_key ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(_annual|_monthly)?$' then 'legacy'
  when p.term is null and p.billing_period is null then 'software'
  else 'licensebased' end`;

const timelineSql: Record<PriceTimeline, string> = {
  current: 'e.effective_to is null and p.gone_at is null',
  history: 'e.effective_to is not null',
  future: 'false',
};

// The tiers that applied when this one began to; of current ones, those that apply now.
const neighbouringTierSql = `case when e.effective_to is null then n.effective_to is null
  else n.effective_from <= e.effective_from and coalesce(n.effective_to > e.effective_from, true) end`;

/** Product by product; one row more than `limit` if there are more. */
export function listPriceListItems(
  rows: TenantRows,
  { connectorId, market, type, timeline }: PriceListFilter,
  after: readonly unknown[] | undefined,
  limit: number,
): Promise<PriceListItemRow[]> {
  const where = new Conditions('p.tenant_id = $1')
    .when(connectorId, (id) => `p.connector_id = ${id}`)
    .when(CountryCode.read(market) ?? market.toUpperCase(), (country) => `c.country = ${country}`)
    .when(type, (one) => `${listTypeSql} = ${one}`)
    .and(timelineSql[timeline])
    .after(after, 'p.id, e.id', ['uuid', 'bigint']);
  const more = where.param(limit + 1);
  return rows.select(
    `select e.id::text as "priceId", p.id as "productId", p.cmp_product_id as "cmpProductId", p.vendor, p.mpn, ${productAliasSql} as alias, p.name,
       p.service_name as "serviceName", p.term, p.billing_period as "billingPeriod", c.country as market, e.currency,
       e.type as "priceType", e.amount::text as amount, e.cost::text as cost, e.lower_limit::float8 as "tierMin",
       (select min(n.lower_limit)::float8 from price_list_entries n
        where n.product_id = e.product_id and n.tenant_id = e.tenant_id and n.currency = e.currency and n.type = e.type
          and n.lower_limit > e.lower_limit and ${neighbouringTierSql}) as "nextTier",
       e.effective_from as "effectiveFrom", e.effective_to as "effectiveTo"
     from products p join connectors c on c.connector_id = p.connector_id and c.tenant_id = p.tenant_id
       join price_list_entries e on e.product_id = p.id and e.tenant_id = p.tenant_id
     where ${where} order by p.id, e.id limit ${more}`,
    where.values,
  );
}
