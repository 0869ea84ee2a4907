/** How Microsoft sells a product, as far as what may be done with it depends on it. */
export type ProductLine = 'nce' | 'legacy' | 'azure' | 'other';

/** What is known of a product from CMP's catalogue or from a subscription's line. */
export interface ProductSigns {
  mpn: string;
  name?: string | undefined;
  vendor?: string | undefined;
  serviceName?: string | undefined;
  /** CMP's flag on the plan's period, where it was read. */
  trial?: boolean | undefined;
}

const nce = /^CFQ7TTC0[0-9A-Z]{4}:[0-9A-Z]{4}$/i;
const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(_ANNUAL|_MONTHLY)?$/i;
/** Azure plan, reservations and savings plans have product ids of their own; the legacy plan had a name. */
const azure = /^(DZH318Z0|MS-AZR-)/i;
const azureService = /^(microsoft )?azure\b(?!.*(information protection|active directory|ad premium))/i;

/** Microsoft's productId:skuId is new commerce, an offer GUID legacy. Sources: Ingram Micro KB 66000504083; Work 365. */
export function productLineOf({ mpn, name = '', serviceName = '' }: ProductSigns): ProductLine {
  if (azure.test(mpn) || azureService.test(serviceName)) return 'azure';
  if (nce.test(mpn)) return 'nce';
  if (guid.test(mpn)) return azureService.test(name) ? 'azure' : 'legacy';
  return azureService.test(name) ? 'azure' : 'other';
}

export const isTrial = ({ name = '', trial = false }: ProductSigns): boolean =>
  trial || /\btrial\b/i.test(name);
