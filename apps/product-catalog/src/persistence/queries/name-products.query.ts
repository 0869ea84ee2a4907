import type { ProductNameV1, ProductToNameV1 } from '@isthmus/contracts';
import { InvalidPartNumber, matchKey, PartNumber } from '@isthmus/domain';
import type { TenantRows } from '@isthmus/service-kit';
import { nameProduct, type NamedProduct } from '../../domain/name-product.ts';
import { aliasOfProduct } from './catalog-product.sql.ts';
import { factsOfMany } from './resolve-many.query.ts';

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
