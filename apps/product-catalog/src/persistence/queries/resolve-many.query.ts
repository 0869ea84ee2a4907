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

/** Everything that can decide about many part numbers, in one round trip. */
const factsOf = `
    with mapping as materialized (
      select part_number_key as key, billing_period as "billingPeriod", term, product_id as "productId"
      from part_number_mappings
      where tenant_id = $1 and connector_id = $2 and part_number_key = any($3) and ended_at is null),
    named as (
      select p.id from unnest($4::text[], $5::text[]) as asked(mpn_key, vendor_key)
      join products p on p.connector_id = $2 and p.mpn_key = asked.mpn_key and p.vendor_key = asked.vendor_key
      union select "productId" from mapping)
    select
      (select coalesce(json_agg(found), '[]') from (
        select ${catalogProductColumns} from named join products p on p.id = named.id
        where p.tenant_id = $1 and p.connector_id = $2 order by p.id) found) as products,
      (select coalesce(json_agg(mapping), '[]') from mapping) as mappings`;

/** What each part number resolves to, in the order asked. */
export async function resolveMany(
  rows: TenantRows,
  connectorId: string,
  questions: readonly Question[],
): Promise<Resolution<CatalogProduct>[]> {
  if (!questions.length) return [];
  const places = new Map<string, [mpnKey: string, vendorKey: string]>();
  for (const { partNumber } of questions) {
    const vendorKey = matchKey(partNumber.vendor);
    for (const mpnKey of mpnKeysOf(partNumber)) places.set(`${vendorKey}:${mpnKey}`, [mpnKey, vendorKey]);
  }
  const keys = [...new Set(questions.map(({ partNumber }) => PartNumber.key(partNumber)))];
  const mpnKeys = [...places.values()].map(([mpnKey]) => mpnKey);
  const vendorKeys = [...places.values()].map(([, vendorKey]) => vendorKey);
  const values = [connectorId, keys, mpnKeys, vendorKeys];
  const [{ products, mappings } = { products: [], mappings: [] }] = await rows.select<Facts>(
    factsOf,
    values,
    'resolve-part-numbers',
  );
  const byPlace = Map.groupBy(products, ({ vendorKey, mpnKey }) => `${vendorKey}:${mpnKey}`);
  const byId = new Map(products.map((product) => [product.id, product]));
  const byKey = Map.groupBy(mappings, ({ key }) => key);
  return questions.map((question) => {
    const own = byKey.get(PartNumber.key(question.partNumber)) ?? [];
    const vendorKey = matchKey(question.partNumber.vendor);
    const named = mpnKeysOf(question.partNumber).flatMap((key) => byPlace.get(`${vendorKey}:${key}`) ?? []);
    const mapped = own.flatMap(({ productId }) => (productId && byId.get(productId)) || []);
    return resolvePartNumber(question, [...new Set([...named, ...mapped])], own);
  });
}
