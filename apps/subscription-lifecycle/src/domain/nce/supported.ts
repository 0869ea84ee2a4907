import type { OrderKind } from '../order/order-ask.ts';
import { isTrial, productLineOf, type ProductSigns } from './product-line.ts';

/** What is asked for beyond the kinds of orders there are, so that it can be refused by name. */
export type AskedOperation = OrderKind | 'upgrade' | 'migrate';

/** Why something cannot be ordered through Isthmus, and what to do instead. */
export interface Unsupported {
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
export function unsupported(operation: AskedOperation, product: ProductSigns): Unsupported | null {
  const name = product.name || product.mpn;
  if (operation === 'upgrade')
    return {
      code: 'upgrade-not-supported',
      detail: `${name} cannot be upgraded to another product by an order of ours.`,
      nextStep: "Upgrade it in CMP's control panel; the next sync takes the change over.",
    };
  if (operation === 'migrate')
    return {
      code: 'migration-not-supported',
      detail: `${name} cannot be migrated to new commerce by an order of ours.`,
      nextStep:
        "Migrate it in CMP's control panel, or buy the new commerce product and cancel this one afterwards.",
    };
  if (productLineOf(product) === 'azure' && operation !== 'renewal-setting')
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
  if (productLineOf(product) === 'legacy' && operation === 'change-quantity')
    return {
      code: 'legacy-update-not-supported',
      detail: `${name} is a legacy subscription, whose quantity cannot be changed.`,
      nextStep:
        "Buy a second subscription for the additional seats, or change the quantity in CMP's control panel.",
    };
  return null;
}
