import type { OrderKind } from '../../orders/order.ts';

/** The ways in which Microsoft sells a product, as far as they determine what can be done with it. */
type ProductLine = 'nce' | 'legacy' | 'azure' | 'other';

/** The facts about a product, from CMP's catalogue or from a subscription's line. */
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
export function classifyProduct({ mpn, name = '', serviceName = '' }: ProductSigns): ProductLine {
  if (azure.test(mpn) || azureService.test(serviceName)) return 'azure';
  if (nce.test(mpn)) return 'nce';
  if (guid.test(mpn)) return azureService.test(name) ? 'azure' : 'legacy';
  return azureService.test(name) ? 'azure' : 'other';
}

const isTrial = ({ name = '', trial = false }: ProductSigns): boolean => trial || /\btrial\b/i.test(name);

/** The operations that can be requested: the kinds of orders, and others that are refused by name. */
export type RequestedOperation = OrderKind | 'upgrade' | 'migrate';

/** The reason why something cannot be ordered through Isthmus, and the alternative. */
interface Unsupported {
  code:
    | 'legacy-update-not-supported'
    | 'trial-not-supported'
    | 'azure-not-supported'
    | 'upgrade-not-supported'
    | 'migration-not-supported';
  detail: string;
  nextStep: string;
}

/**
 * The list of Work 365's Ingram provider: NCE create, increase, decrease and cancel, legacy create and cancel are
 * supported; legacy updates, trials, Azure, upgrades and migrations are not. Nothing when it is.
 */
export function unsupported(operation: RequestedOperation, product: ProductSigns): Unsupported | null {
  const name = product.name || product.mpn;
  if (operation === 'upgrade')
    return {
      code: 'upgrade-not-supported',
      detail: `${name} cannot be upgraded to another product through an order.`,
      nextStep: "Upgrade it in CMP's control panel; the next sync picks up the change.",
    };
  if (operation === 'migrate')
    return {
      code: 'migration-not-supported',
      detail: `${name} cannot be migrated to new commerce through an order.`,
      nextStep:
        "Migrate it in CMP's control panel, or buy the new commerce product and cancel this one afterwards.",
    };
  if (classifyProduct(product) === 'azure' && operation !== 'renewal-setting')
    return {
      code: 'azure-not-supported',
      detail: `${name} is Azure, which is not ordered through this API.`,
      nextStep: "Order it in CMP's control panel; its subscriptions are synced from there.",
    };
  if (isTrial(product) && operation === 'create')
    return {
      code: 'trial-not-supported',
      detail: `${name} is a trial, and trials cannot be ordered.`,
      nextStep: "Start the trial in CMP's control panel, or order the paid product.",
    };
  if (classifyProduct(product) === 'legacy' && operation === 'change-quantity')
    return {
      code: 'legacy-update-not-supported',
      detail: `${name} is a legacy subscription, whose quantity cannot be changed.`,
      nextStep:
        "Buy a second subscription for the additional seats, or change the quantity in CMP's control panel.",
    };
  return null;
}
