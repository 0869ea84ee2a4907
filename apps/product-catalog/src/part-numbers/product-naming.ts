import type { ProductNameV1, ProductReferenceV1 } from '@isthmus/contracts';
import { matchKey, PartNumber } from '@isthmus/domain';
import { vendorPartNumber } from '../products/product.ts';
import {
  type Candidate,
  differences,
  type MappingInForce,
  narrowByPeriods,
  resolvePartNumber,
} from './resolution.ts';

/** A product of the catalogue that determines a part number. */
export interface NamedProduct extends Candidate {
  cmpId: string;
  /** The part number that a person gave it. */
  alias: string | null;
}

/** The input for resolving the part number with which the product was ordered. */
interface OrderedAs {
  found: readonly Candidate[];
  mappings: readonly MappingInForce[];
}

/**
 * The part number to show for a product: the one it was ordered by while that stands for it, else its alias, else vendor and MPN.
 * @param known products of the catalogue with this CMP id, or with this vendor and mpn; withdrawn ones too
 */
export function nameProduct(
  shown: ProductReferenceV1,
  known: readonly NamedProduct[],
  ordered: OrderedAs | undefined,
): ProductNameV1 {
  const product = findProduct(shown, known);
  if (shown.orderedAs && ordered && resolvesTo(shown, product, ordered))
    return { partNumber: shown.orderedAs, by: 'order' };
  if (product?.alias) return { partNumber: product.alias, by: 'alias' };
  return { partNumber: vendorPartNumber(shown.vendor, shown.mpn), by: 'product' };
}

/**
 * Finds the product by CMP's id, unless the periods show that the id belongs, or belonged, to another product; otherwise by
 * vendor, MPN and periods, if exactly one matches. Withdrawn products count only if nothing else is left.
 */
function findProduct(shown: ProductReferenceV1, known: readonly NamedProduct[]): NamedProduct | undefined {
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
 * True if the part number with which it was ordered, with the periods of the product, resolves to it. A withdrawn product counts
 * as well; if the catalogue has no such product, or several, vendor and MPN decide.
 */
function resolvesTo(
  shown: ProductReferenceV1,
  known: NamedProduct | undefined,
  { found, mappings }: OrderedAs,
): boolean {
  const itself: Candidate = known ?? {
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
  const reached = outcome === 'resolved' ? [product!] : outcome === 'ambiguous' ? candidates : [];
  return reached.some(({ id }) => id === itself.id);
}
