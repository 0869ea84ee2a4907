import type { ProductNameV1, ProductReferenceV1 } from '@isthmus/contracts';
import { InvalidPartNumber, matchKey, PartNumber } from '@isthmus/domain';
import type { TenantRows } from '@isthmus/service-kit';
import type { CatalogProduct } from '../products/product.ts';
import { catalogProductSql, productAliasSql } from '../products/products.store.ts';
import { type MappingState, waitingStates } from './part-number.entity.ts';
import { type NamedProduct, nameProduct } from './product-naming.ts';
import {
  type MappingInForce,
  mpnKeysOf,
  type Question,
  type Resolution,
  resolvePartNumber,
} from './resolution.ts';
import { nameKey, normalizeMpn, type Suggestion, suggestProducts } from './suggestions.ts';

interface ResolutionData {
  products: CatalogProduct[];
  mappings: (MappingInForce & { key: string })[];
}

/**
 * Selects all input for the resolution of part numbers in one round trip. `key` and `requested` define how the part numbers are
 * passed.
 */
const resolutionSql = (key: string, requested: string) => `
    with mapping as materialized (
      select part_number_key as key, billing_period as "billingPeriod", term, product_id as "productId"
      from part_number_mappings
      where tenant_id = $1 and connector_id = $2 and part_number_key = ${key} and ended_at is null),
    named as (
      select p.id from ${requested} as requested(mpn_key, vendor_key)
      join products p on p.connector_id = $2 and p.mpn_key = requested.mpn_key and p.vendor_key = requested.vendor_key
      union select "productId" from mapping)
    select
      (select coalesce(json_agg(found), '[]') from (
        select ${catalogProductSql} from named join products p on p.id = named.id
        where p.tenant_id = $1 and p.connector_id = $2 order by p.id) found) as products,
      (select coalesce(json_agg(mapping), '[]') from mapping) as mappings`;

/** The input for resolving one part number: products by its vendor and MPN, its active mappings, and the mapped products. */
interface ResolutionInput {
  found: CatalogProduct[];
  mappings: MappingInForce[];
}

/** Resolves part numbers; results are in the order of the questions. */
export async function resolveMany(
  rows: TenantRows,
  connectorId: string,
  questions: readonly Question[],
): Promise<Resolution<CatalogProduct>[]> {
  const inputs = await readResolutionInputs(
    rows,
    connectorId,
    questions.map(({ partNumber }) => partNumber),
  );
  return questions.map((question, index) =>
    resolvePartNumber(question, inputs[index]!.found, inputs[index]!.mappings),
  );
}

/** Reads the input for resolving part numbers, in the order given; one round trip for all. */
async function readResolutionInputs(
  rows: TenantRows,
  connectorId: string,
  partNumbers: readonly PartNumber[],
): Promise<ResolutionInput[]> {
  if (!partNumbers.length) return [];
  const places = new Map<string, [mpnKey: string, vendorKey: string]>();
  for (const partNumber of partNumbers) {
    const vendorKey = matchKey(partNumber.vendor);
    for (const mpnKey of mpnKeysOf(partNumber)) places.set(`${vendorKey}:${mpnKey}`, [mpnKey, vendorKey]);
  }
  const keys = [...new Set(partNumbers.map((partNumber) => PartNumber.key(partNumber)))];
  const { products, mappings } = await readResolutionData(rows, connectorId, keys, [...places.values()]);
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
 * A single part number is passed as plain values: PostgreSQL does not know the length of arrays, considers a generic plan worse, and
 * plans anew every time, which took longer than the rest (0.5 of 0.7 ms).
 */
async function readResolutionData(
  rows: TenantRows,
  connectorId: string,
  keys: readonly string[],
  places: readonly [mpnKey: string, vendorKey: string][],
): Promise<ResolutionData> {
  const one = keys.length === 1;
  const pairs = places.map((_, index) => `($${index * 2 + 4}::text, $${index * 2 + 5}::text)`);
  const text = one
    ? resolutionSql('$3', `(values ${pairs.join(', ')})`)
    : resolutionSql('any($3)', 'unnest($4::text[], $5::text[])');
  const mpnKeys = places.map(([mpnKey]) => mpnKey);
  const vendorKeys = places.map(([, vendorKey]) => vendorKey);
  const values = one ? [connectorId, keys[0], ...places.flat()] : [connectorId, keys, mpnKeys, vendorKeys];
  const name = one ? `resolve-one-${places.length}` : 'resolve-many';
  const [data] = await rows.select<ResolutionData>(text, values, name);
  return data!;
}

/** The part number to show for each, in the order given. At most two round trips. */
export async function nameProducts(
  rows: TenantRows,
  connectorId: string,
  shown: readonly ProductReferenceV1[],
): Promise<ProductNameV1[]> {
  const ordered = shown.flatMap(({ orderedAs }) => (orderedAs && parseName(orderedAs)) || []);
  const names = [...new Map(ordered.map((name) => [PartNumber.key(name), name])).entries()];
  const [known, inputs] = await Promise.all([
    readKnown(rows, connectorId, shown),
    readResolutionInputs(
      rows,
      connectorId,
      names.map(([, name]) => name),
    ),
  ]);
  const inputByKey = new Map(names.map(([key], index) => [key, inputs[index]!]));
  const byId = new Map(known.map((product) => [product.cmpId, product]));
  const byMpn = Map.groupBy(known, vendorAndMpn);
  return shown.map((one) => {
    const named = byId.get(one.cmpProductId ?? '');
    const name = one.orderedAs && parseName(one.orderedAs);
    return nameProduct(
      one,
      [...(named ? [named] : []), ...(byMpn.get(vendorAndMpn(one)) ?? [])],
      name ? inputByKey.get(PartNumber.key(name)) : undefined,
    );
  });
}

const vendorAndMpn = ({ vendor, mpn }: { vendor: string; mpn: string }) =>
  `${matchKey(vendor)}:${matchKey(mpn)}`;

function readKnown(
  rows: TenantRows,
  connectorId: string,
  shown: readonly ProductReferenceV1[],
): Promise<NamedProduct[]> {
  const ids = [...new Set(shown.flatMap(({ cmpProductId }) => cmpProductId || []))];
  const places = new Map(shown.map((one) => [vendorAndMpn(one), [matchKey(one.mpn), matchKey(one.vendor)]]));
  return rows.select(
    `with found as (
       select p.id from unnest($3::text[]) as requested(cmp_id)
       join products p on p.connector_id = $2 and p.cmp_id = requested.cmp_id
       union
       select p.id from unnest($4::text[], $5::text[]) as requested(mpn_key, vendor_key)
       join products p on p.connector_id = $2 and p.mpn_key = requested.mpn_key and p.vendor_key = requested.vendor_key)
     select p.id, p.cmp_id as "cmpId", p.vendor, p.mpn, p.billing_period as "billingPeriod", p.term,
       p.gone_at is not null as withdrawn, ${productAliasSql} as alias
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

function parseName(text: string): PartNumber | undefined {
  try {
    return PartNumber.parse(text);
  } catch (error) {
    if (error instanceof InvalidPartNumber) return undefined;
    throw error;
  }
}

interface UnresolvedPartNumber {
  partNumber: PartNumber;
  billingPeriod?: string;
  term?: string;
  name?: string;
}

type Earlier = Pick<CatalogProduct, 'vendor' | 'mpn' | 'billingPeriod' | 'term'>;

/** Products that a part number may stand for, best first. */
export async function suggestFor(
  rows: TenantRows,
  connectorId: string,
  unresolved: UnresolvedPartNumber,
): Promise<Suggestion<CatalogProduct>[]> {
  const key = PartNumber.key(unresolved.partNumber);
  const earlier = await earlierChoices(rows, key);
  const name = unresolved.name ?? (await seenName(rows, connectorId, key));
  const candidates = await candidatesFor(rows, connectorId, { ...unresolved, name }, earlier);
  return suggestProducts({ ...unresolved, name, earlier }, candidates);
}

interface WaitingPartNumber {
  id: string;
  connectorId: string;
  partNumber: string;
  billingPeriod: string;
  term: string;
  state: MappingState;
}

/** The best suggestion for each part number that needs a decision, by its id. */
export async function bestSuggestions(
  rows: TenantRows,
  found: readonly WaitingPartNumber[],
): Promise<Map<string, Suggestion<CatalogProduct>>> {
  const best = new Map<string, Suggestion<CatalogProduct>>();
  // One after the other: they are few, and others need the connections of the pool.
  for (const { id, connectorId, partNumber, billingPeriod, term, state } of found) {
    if (!waitingStates.includes(state)) continue;
    const [first] = await suggestFor(rows, connectorId, {
      partNumber: PartNumber.parse(partNumber),
      billingPeriod: billingPeriod || undefined,
      term: term || undefined,
    });
    if (first) best.set(id, first);
  }
  return best;
}

/** The products to which users mapped this part number before, in any connector of the tenant, unless it was unmapped since. */
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

/** Products that match in at least one way an index can find; the score weighs the rest. */
function candidatesFor(
  rows: TenantRows,
  connectorId: string,
  { partNumber, name }: UnresolvedPartNumber,
  earlier: readonly Earlier[],
): Promise<CatalogProduct[]> {
  const stems = mpnKeysOf(partNumber).at(-1)!;
  const normalized = normalizeMpn(partNumber.mpn);
  const mpns = [
    ...mpnKeysOf(partNumber),
    `${stems}_annual`,
    `${stems}_monthly`,
    ...earlier.map(({ mpn }) => matchKey(mpn)),
  ];
  // Enough of the beginning to find a typo further on; a shorter one would find half the catalogue.
  const [first, last] =
    normalized.length >= 8
      ? [normalized.slice(0, -2), `${normalized.slice(0, -2)}\u{10ffff}`]
      : [normalized, normalized];
  return rows.select(
    `select ${catalogProductSql} from products p
     where p.tenant_id = $1 and p.connector_id = $2 and p.gone_at is null
       -- Not \`like\`, which no index serves where rows are hidden from other tenants.
       and (p.mpn_key = any($3) or p.mpn_squeezed ~>=~ $4 and p.mpn_squeezed ~<=~ $6 or p.name_key = $5)
     order by p.mpn_key = any($3) desc, p.id limit 200`,
    [connectorId, mpns, first, nameKey(name ?? '') || '\u0001', last],
  );
}
