import { matchKey, PartNumber } from '@isthmus/domain';
import type { TenantRows } from '@isthmus/service-kit';
import type { CatalogProduct } from '../../domain/catalog-product.ts';
import type { MappingInForce } from '../../domain/pick-mapping.ts';
import {
  mpnKeysOf,
  resolvePartNumber,
  type Question,
  type Resolution,
} from '../../domain/resolve-part-number.ts';
import { catalogProductColumns } from './catalog-product.sql.ts';

interface Facts {
  products: CatalogProduct[];
  mappings: (MappingInForce & { key: string })[];
}

/** Everything that can decide about part numbers, in one round trip. `key` and `asked` say how these are passed. */
const factsOf = (key: string, asked: string) => `
    with mapping as materialized (
      select part_number_key as key, billing_period as "billingPeriod", term, product_id as "productId"
      from part_number_mappings
      where tenant_id = $1 and connector_id = $2 and part_number_key = ${key} and ended_at is null),
    named as (
      select p.id from ${asked} as asked(mpn_key, vendor_key)
      join products p on p.connector_id = $2 and p.mpn_key = asked.mpn_key and p.vendor_key = asked.vendor_key
      union select "productId" from mapping)
    select
      (select coalesce(json_agg(found), '[]') from (
        select ${catalogProductColumns} from named join products p on p.id = named.id
        where p.tenant_id = $1 and p.connector_id = $2 order by p.id) found) as products,
      (select coalesce(json_agg(mapping), '[]') from mapping) as mappings`;

/** What can decide about one part number: products by its vendor and mpn, its mappings in force, and what they lead to. */
export interface FactsOfOne {
  found: CatalogProduct[];
  mappings: MappingInForce[];
}

/** What each part number resolves to, in the order asked. */
export async function resolveMany(
  rows: TenantRows,
  connectorId: string,
  questions: readonly Question[],
): Promise<Resolution<CatalogProduct>[]> {
  const facts = await factsOfMany(
    rows,
    connectorId,
    questions.map(({ partNumber }) => partNumber),
  );
  return questions.map((question, index) =>
    resolvePartNumber(question, facts[index]!.found, facts[index]!.mappings),
  );
}

/** What can decide about each part number, in the order given; one round trip for all. */
export async function factsOfMany(
  rows: TenantRows,
  connectorId: string,
  partNumbers: readonly PartNumber[],
): Promise<FactsOfOne[]> {
  if (!partNumbers.length) return [];
  const places = new Map<string, [mpnKey: string, vendorKey: string]>();
  for (const partNumber of partNumbers) {
    const vendorKey = matchKey(partNumber.vendor);
    for (const mpnKey of mpnKeysOf(partNumber)) places.set(`${vendorKey}:${mpnKey}`, [mpnKey, vendorKey]);
  }
  const keys = [...new Set(partNumbers.map((partNumber) => PartNumber.key(partNumber)))];
  const { products, mappings } = await readFacts(rows, connectorId, keys, [...places.values()]);
  const byPlace = Map.groupBy(products, ({ vendorKey, mpnKey }) => `${vendorKey}:${mpnKey}`);
  const byId = new Map(products.map((product) => [product.id, product]));
  const byKey = Map.groupBy(mappings, ({ key }) => key);
  return partNumbers.map((partNumber) => {
    const own = byKey.get(PartNumber.key(partNumber)) ?? [];
    const vendorKey = matchKey(partNumber.vendor);
    const named = mpnKeysOf(partNumber).flatMap((key) => byPlace.get(`${vendorKey}:${key}`) ?? []);
    const mapped = own.flatMap(({ productId }) => (productId && byId.get(productId)) || []);
    return { found: [...new Set([...named, ...mapped])], mappings: own };
  });
}

/**
 * One part number is asked with plain values: of arrays PostgreSQL does not know the length, takes a plan made for any length for
 * worse, and makes a new one every time, which took longer than the rest (0.5 of 0.7 ms).
 */
async function readFacts(
  rows: TenantRows,
  connectorId: string,
  keys: readonly string[],
  places: readonly [mpnKey: string, vendorKey: string][],
): Promise<Facts> {
  const one = keys.length === 1;
  const pairs = places.map((_, index) => `($${index * 2 + 4}::text, $${index * 2 + 5}::text)`);
  const text = one
    ? factsOf('$3', `(values ${pairs.join(', ')})`)
    : factsOf('any($3)', 'unnest($4::text[], $5::text[])');
  const mpnKeys = places.map(([mpnKey]) => mpnKey);
  const vendorKeys = places.map(([, vendorKey]) => vendorKey);
  const values = one ? [connectorId, keys[0], ...places.flat()] : [connectorId, keys, mpnKeys, vendorKeys];
  const name = one ? `resolve-one-${places.length}` : 'resolve-many';
  const [facts] = await rows.select<Facts>(text, values, name);
  return facts!;
}
