import type { CmpProduct } from '@isthmus/cmp-client';
import { PriceChangedV1, type PriceChangeV1 } from '@isthmus/contracts';
import { event, type NewEvent, type Statements } from '@isthmus/messaging';
import type { ChangeOrigin, MirrorChange } from '@isthmus/sync-engine';
import type { PoolClient } from 'pg';
import { priceLines, type PriceLine } from '../domain/price-lines.ts';
import { productFacts, toldProduct } from '../mirrors/product-facts.ts';

interface PriceDifference extends PriceLine {
  productId: string;
  entry: string | null;
  fromAmount: string | null;
  fromCost: string | null;
  /** False when CMP no longer has the line. */
  offered: boolean;
}

const differing = `
  select coalesce(i.product_id, e.product_id) as "productId", coalesce(i.currency, e.currency) as currency,
    coalesce(i.type, e.type) as type, coalesce(i.model, e.model) as model,
    coalesce(i.lower_limit, e.lower_limit)::float8 as "lowerLimit", i.amount, i.cost, e.id as entry,
    e.amount as "fromAmount", e.cost as "fromCost", i.product_id is not null as offered
  from json_to_recordset($2) as i(product_id uuid, currency text, type text, model text, lower_limit numeric, amount numeric, cost numeric)
  full join (select * from price_list_entries where product_id = any($1) and effective_to is null) e
    on e.product_id = i.product_id and e.currency = i.currency and e.type = i.type and e.lower_limit = i.lower_limit
  where i.product_id is null or e.id is null or e.amount is distinct from i.amount or e.cost is distinct from i.cost
    or e.model <> i.model`;

/** Writes the price list of products that were written, where it differs, and answers the price changes to be told. */
export async function keepPrices(
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
  const { rows } = await client.query<PriceDifference>(differing, [
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

/** A product that is no longer offered has no price any more. */
export async function closePrices(
  client: Statements,
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
  // The prices of a product that appears are no change of anything.
  if (kind === 'appeared' || !own.length) return [];
  const data = {
    ...productFacts(toldProduct(id, value), origin),
    changes: own.map(changeOf),
    since: origin.asOf,
  };
  return [event(PriceChangedV1, data, { tenantId: origin.tenantId, aggregateId: id, version })];
}

function changeOf(row: PriceDifference): PriceChangeV1 {
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
