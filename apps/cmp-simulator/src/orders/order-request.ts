import { CmpRefusal } from '../wire/errors.ts';
import type { Parameter } from '../wire/simple-api.ts';
import type { OrderType } from './order.ts';

/** A line as it was posted; `quantity` is a number whichever way it was written. */
export interface LineRequest {
  mpn?: string | undefined;
  vendor?: string | undefined;
  id?: string | undefined;
  quantity: number;
  billingPeriod?: { type?: string; duration?: number } | undefined;
  subscriptionPeriod?: { type?: string; duration?: number } | undefined;
  parameters: Parameter[];
}

/** An order as it was posted, after its form was checked; whether it can be is for the rules. */
export interface OrderRequest {
  type: OrderType;
  customerId: string;
  subscriptionId?: string | undefined;
  poNumber?: string | undefined;
  scheduledOn?: 'renewal' | undefined;
  attributes: Record<string, string>;
  products: LineRequest[];
}

type Loose = Record<string, unknown>;
const types: readonly string[] = ['sales', 'change', 'renewal', 'cancellation'] satisfies OrderType[];

/** Reads a posted body; refuses (400) what is malformed or beyond the simulator. */
export function readOrderRequest(body: unknown): OrderRequest {
  const order = object(body);
  refuseUnsupported(order);
  if (typeof order.type !== 'string' || !types.includes(order.type))
    throw new CmpRefusal(400, `Order type "${String(order.type)}" is not supported.`);
  if (order.customerId === undefined || order.customerId === null)
    throw new CmpRefusal(400, 'customerId must not be null.');
  if (order.scheduledOn !== undefined && order.scheduledOn !== 'renewal')
    throw new CmpRefusal(400, `scheduledOn "${String(order.scheduledOn)}" is not supported.`);
  const products = (Array.isArray(order.products) ? order.products : []).map((line) =>
    readLine(object(line), order),
  );
  // Observed at order level; older versions of the API had it on the lines.
  const onLine = (Array.isArray(order.products) ? order.products : [])
    .map((line) => object(line).subscriptionId)
    .find(Boolean);
  return {
    type: order.type as OrderType,
    customerId: String(order.customerId),
    subscriptionId: text(order.subscriptionId ?? onLine),
    poNumber: text(order.poNumber),
    scheduledOn: order.scheduledOn as 'renewal' | undefined,
    attributes: object(order.attributes ?? {}) as Record<string, string>,
    products,
  };
}

function readLine(line: Loose, order: Loose): LineRequest {
  const quantity = Number(line.quantity ?? 1);
  if (!Number.isFinite(quantity))
    throw new CmpRefusal(400, `Quantity "${String(line.quantity)}" is not a number.`);
  return {
    mpn: text(line.mpn),
    vendor: text(line.vendor),
    id: text(line.id),
    quantity,
    billingPeriod: line.billingPeriod ? object(line.billingPeriod) : undefined,
    subscriptionPeriod:
      (line.subscriptionPeriod ?? order.subscriptionPeriod)
        ? object(line.subscriptionPeriod ?? order.subscriptionPeriod)
        : undefined,
    parameters: Array.isArray(line.parameters) ? (line.parameters as Parameter[]) : [],
  };
}

function object(value: unknown): Loose {
  if (typeof value !== 'object' || value === null)
    throw new CmpRefusal(400, 'The request body is not readable.');
  return value as Loose;
}

function text(value: unknown): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : String(value as string);
}

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
function refuseUnsupported(order: Record<string, unknown>): void {
  const lines = Array.isArray(order.products) ? (order.products as Record<string, unknown>[]) : [];
  const used = [
    ...(order.type === 'migration' ? ['type migration'] : []),
    ...ofOrder.filter((field) => order[field] !== undefined && order[field] !== null),
    ...ofLine.filter((field) => lines.some((line) => line?.[field] !== undefined && line[field] !== null)),
  ];
  if (used.length > 0) throw new CmpRefusal(400, `Not supported by this marketplace: ${used.join(', ')}.`);
}
