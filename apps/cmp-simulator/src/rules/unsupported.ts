import { CmpRefusal } from '../wire/cmp-refusal.ts';

const ofOrder = [
  'planId',
  'upgradeStartType',
  'targetSubscriptionId',
  'alignExpirationDate',
  'placementType',
  'vendorBillingSettings',
  'migrationProgram',
  'migrationDate',
  'startDate',
];
const ofLine = [
  'newMPN',
  'newId',
  'newProductId',
  'newSubscription',
  'targetSubscriptionId',
  'specialPrice',
  'specialCost',
  'specialProviderCost',
  'deals',
  'margins',
  'vendorDiscounts',
];

/** Refuses (400) the parts of the API that this simulator does not play: migration, co-term, moves, deals, special prices. */
export function refuseUnsupported(order: Record<string, unknown>): void {
  const lines = Array.isArray(order.products) ? (order.products as Record<string, unknown>[]) : [];
  const used = [
    ...(order.type === 'migration' ? ['type migration'] : []),
    ...ofOrder.filter((field) => order[field] !== undefined && order[field] !== null),
    ...ofLine.filter((field) => lines.some((line) => line?.[field] !== undefined && line[field] !== null)),
  ];
  if (used.length > 0) throw new CmpRefusal(400, `Not supported by this marketplace: ${used.join(', ')}.`);
}
