import type { ProductNameV1, ProductToNameV1 } from '@isthmus/contracts';
import { matchKey, PartNumber } from '@isthmus/domain';
import { plainName } from '../products/product.ts';
import {
  type Candidate,
  differences,
  type MappingInForce,
  narrowByPeriods,
  resolvePartNumber,
} from './resolution.ts';

/** A product of the catalogue by which something is named. */
export interface NamedProduct extends Candidate {
  cmpId: string;
  /** The part number that a person gave it. */
  alias: string | null;
}

/** What can decide about the part number that it was ordered by. */
export interface OrderedAs {
  found: readonly Candidate[];
  mappings: readonly MappingInForce[];
}

/**
 * The part number to show for a product: the one it was ordered by while that means it, else its alias, else vendor and mpn.
 * @param known products of the catalogue with this CMP id, or with this vendor and mpn; withdrawn ones too
 */
export function nameProduct(
  shown: ProductToNameV1,
  known: readonly NamedProduct[],
  ordered: OrderedAs | undefined,
): ProductNameV1 {
  const there = productOf(shown, known);
  if (shown.orderedAs && ordered && means(shown, there, ordered))
    return { partNumber: shown.orderedAs, by: 'order' };
  if (there?.alias) return { partNumber: there.alias, by: 'alias' };
  return { partNumber: plainName(shown.vendor, shown.mpn), by: 'product' };
}

/**
 * By CMP's id, unless the periods say that it is another one by now or was then; else by vendor, mpn and periods, if they
 * leave one. What is withdrawn counts only if nothing else is left.
 */
function productOf(shown: ProductToNameV1, known: readonly NamedProduct[]): NamedProduct | undefined {
  const byId = known.find(({ cmpId }) => cmpId === shown.cmpProductId);
  if (byId && !differences(shown, byId).length) return byId;
  const same = known.filter(
    ({ vendor, mpn }) => matchKey(vendor) === matchKey(shown.vendor) && matchKey(mpn) === matchKey(shown.mpn),
  );
  const { kept } = narrowByPeriods(same, shown);
  const live = kept.filter(({ withdrawn }) => !withdrawn);
  const left = live.length ? live : kept;
  return left.length === 1 ? left[0] : byId;
}

/**
 * Whether a part number, asked with the periods of what is there, leads to it. What can no longer be ordered is still what
 * it was; of what the catalogue does not know, or knows several of, vendor and mpn decide.
 */
function means(
  shown: ProductToNameV1,
  there: NamedProduct | undefined,
  { found, mappings }: OrderedAs,
): boolean {
  const itself: Candidate = there ?? {
    id: '',
    vendor: shown.vendor,
    mpn: shown.mpn,
    billingPeriod: shown.billingPeriod ?? null,
    term: shown.term ?? null,
    withdrawn: false,
  };
  const question = {
    partNumber: PartNumber.parse(shown.orderedAs!),
    billingPeriod: itself.billingPeriod ?? undefined,
    term: itself.term ?? undefined,
  };
  const others = found.filter(({ id }) => id !== itself.id);
  const all = [itself, ...others].map((one) => ({ ...one, withdrawn: false }));
  const { outcome, product, candidates } = resolvePartNumber(question, all, mappings);
  const led = outcome === 'resolved' ? [product!] : outcome === 'ambiguous' ? candidates : [];
  return led.some(({ id }) => id === itself.id);
}
