import { matchKey, PartNumber } from '@isthmus/domain';
import type { TenantRows } from '@isthmus/service-kit';
import type { CatalogProduct } from '../../domain/catalog-product.ts';
import { squeezeMpn } from '../../domain/mpn-likeness.ts';
import { nameKey } from '../../domain/product-name.ts';
import { mpnKeysOf } from '../../domain/resolve-part-number.ts';
import { suggestProducts, type Suggestion } from '../../domain/suggest-products.ts';
import { catalogProductColumns } from './catalog-product.sql.ts';

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
