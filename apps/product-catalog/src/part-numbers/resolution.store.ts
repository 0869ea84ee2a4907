import type { ProductNameV1, ProductToNameV1 } from '@isthmus/contracts';
import { InvalidPartNumber, matchKey, PartNumber } from '@isthmus/domain';
import type { TenantRows } from '@isthmus/service-kit';
import type { CatalogProduct } from '../products/product.ts';
import { aliasOfProduct, catalogProductColumns } from '../products/products.store.ts';
import { type NamedProduct, nameProduct } from './product-naming.ts';
import {
  type MappingInForce,
  mpnKeysOf,
  type Question,
  type Resolution,
  resolvePartNumber,
} from './resolution.ts';
import { nameKey, squeezeMpn, type Suggestion, suggestProducts } from './suggestions.ts';

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

/** The part number to show for each, in the order given. At most two round trips. */
export async function nameProducts(
  rows: TenantRows,
  connectorId: string,
  shown: readonly ProductToNameV1[],
): Promise<ProductNameV1[]> {
  const ordered = shown.flatMap(({ orderedAs }) => (orderedAs && readName(orderedAs)) || []);
  const names = [...new Map(ordered.map((name) => [PartNumber.key(name), name])).entries()];
  const [known, facts] = await Promise.all([
    readKnown(rows, connectorId, shown),
    factsOfMany(
      rows,
      connectorId,
      names.map(([, name]) => name),
    ),
  ]);
  const factsOf = new Map(names.map(([key], index) => [key, facts[index]!]));
  const byId = new Map(known.map((product) => [product.cmpId, product]));
  const byMpn = Map.groupBy(known, placeOf);
  return shown.map((one) => {
    const named = byId.get(one.cmpProductId ?? '');
    const name = one.orderedAs && readName(one.orderedAs);
    return nameProduct(
      one,
      [...(named ? [named] : []), ...(byMpn.get(placeOf(one)) ?? [])],
      name ? factsOf.get(PartNumber.key(name)) : undefined,
    );
  });
}

const placeOf = ({ vendor, mpn }: { vendor: string; mpn: string }) => `${matchKey(vendor)}:${matchKey(mpn)}`;

function readKnown(
  rows: TenantRows,
  connectorId: string,
  shown: readonly ProductToNameV1[],
): Promise<NamedProduct[]> {
  const ids = [...new Set(shown.flatMap(({ cmpProductId }) => cmpProductId || []))];
  const places = new Map(shown.map((one) => [placeOf(one), [matchKey(one.mpn), matchKey(one.vendor)]]));
  return rows.select(
    `with found as (
       select p.id from unnest($3::text[]) as asked(cmp_id)
       join products p on p.connector_id = $2 and p.cmp_id = asked.cmp_id
       union
       select p.id from unnest($4::text[], $5::text[]) as asked(mpn_key, vendor_key)
       join products p on p.connector_id = $2 and p.mpn_key = asked.mpn_key and p.vendor_key = asked.vendor_key)
     select p.id, p.cmp_id as "cmpId", p.vendor, p.mpn, p.billing_period as "billingPeriod", p.term,
       p.gone_at is not null as withdrawn, ${aliasOfProduct} as alias
     from found join products p on p.id = found.id where p.tenant_id = $1 and p.connector_id = $2 order by p.id`,
    [
      connectorId,
      ids,
      [...places.values()].map(([mpn]) => mpn),
      [...places.values()].map(([, vendor]) => vendor),
    ],
    'name-products',
  );
}

function readName(text: string): PartNumber | undefined {
  try {
    return PartNumber.parse(text);
  } catch (error) {
    if (error instanceof InvalidPartNumber) return undefined;
    throw error;
  }
}

export interface Unplaced {
  partNumber: PartNumber;
  billingPeriod?: string;
  term?: string;
  name?: string;
}

type Earlier = Pick<CatalogProduct, 'vendor' | 'mpn' | 'billingPeriod' | 'term'>;

/** What a part number may be, best first. */
export async function suggestFor(
  rows: TenantRows,
  connectorId: string,
  unplaced: Unplaced,
): Promise<Suggestion<CatalogProduct>[]> {
  const key = PartNumber.key(unplaced.partNumber);
  const earlier = await earlierChoices(rows, key);
  const name = unplaced.name ?? (await seenName(rows, connectorId, key));
  const candidates = await candidatesFor(rows, connectorId, { ...unplaced, name }, earlier);
  return suggestProducts({ ...unplaced, name, earlier }, candidates);
}

/** What people mapped this part number to before, in any connector of the tenant. A choice that was taken back is none. */
function earlierChoices(rows: TenantRows, key: string): Promise<Earlier[]> {
  return rows.select(
    `select distinct p.vendor, p.mpn, p.billing_period as "billingPeriod", p.term
     from part_number_mappings m join products p on p.id = m.product_id and p.tenant_id = m.tenant_id
     where m.tenant_id = $1 and m.part_number_key = $2 and m.ended_at is null`,
    [key],
  );
}

async function seenName(rows: TenantRows, connectorId: string, key: string): Promise<string | undefined> {
  const [row] = await rows.select<{ name: string }>(
    `select seen_name as name from part_numbers
     where tenant_id = $1 and connector_id = $2 and part_number_key = $3 and seen_name <> '' limit 1`,
    [connectorId, key],
  );
  return row?.name;
}

/** Products that are alike in at least one thing an index can find; the score weighs the rest. */
function candidatesFor(
  rows: TenantRows,
  connectorId: string,
  { partNumber, name }: Unplaced,
  earlier: readonly Earlier[],
): Promise<CatalogProduct[]> {
  const stems = mpnKeysOf(partNumber).at(-1)!;
  const squeezed = squeezeMpn(partNumber.mpn);
  const mpns = [
    ...mpnKeysOf(partNumber),
    `${stems}_annual`,
    `${stems}_monthly`,
    ...earlier.map(({ mpn }) => matchKey(mpn)),
  ];
  // Enough of the beginning to find a typo further on; a shorter one would find half the catalogue.
  const beginning = squeezed.length >= 8 ? `${squeezed.slice(0, -2)}%` : squeezed;
  return rows.select(
    `select ${catalogProductColumns} from products p
     where p.tenant_id = $1 and p.connector_id = $2 and p.gone_at is null
       and (p.mpn_key = any($3) or p.mpn_squeezed like $4 or p.name_key = $5)
     order by p.mpn_key = any($3) desc, p.id limit 200`,
    [connectorId, mpns, beginning, nameKey(name ?? '') || '\u0001'],
  );
}
