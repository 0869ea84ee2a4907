import { changeLots, renewedLots, type SeatLot } from './nce.ts';
import { addPeriod } from '../world/period.ts';
import type { Parameter } from '../wire/simple-api.ts';
import { firstCustomerId, seededTenants } from '../customers/customer-seed.ts';
import { dice, guid } from '../world/random.ts';
import { drawHistory, endMinute, type PastOrder } from '../orders/order-history.ts';
import { type DrawnOffer, drawOffer, statusCodes, type SubscriptionColumns } from './subscription-columns.ts';
import type { HeldProduct, SubscriptionState } from './subscription.ts';

const minute = 60_000;

export const firstSubscriptionId = 1300001;

/** The subscription at a position, as it stood when the world began. */
export function seededSubscription(columns: SubscriptionColumns, index: number): SubscriptionState {
  const { seed, catalogue } = columns.ground;
  const offer = drawOffer(seed, index, catalogue);
  const history = drawHistory(columns, index, offer);
  const status = statusCodes[columns.status[index]!]!;
  const createdAt = columns.createdMinute(index) * minute;
  const started = columns.startedMinute[index]! * minute;
  const ended = endMinute(columns, index);
  const changed = history.filter((past) => past.kind === 'change' && past.status === 'completed');
  const lots = drawLots(history, started / minute);
  return {
    index,
    id: String(firstSubscriptionId + index),
    name: offer.name,
    customerId: String(firstCustomerId + columns.owner[index]!),
    status,
    attributes: dice(seed, index, 80) < 0.85 ? { PONumber: `PO-${200000 + index}` } : {},
    renewalStatus: status === 'active' ? dice(seed, index, 81) < 0.85 : status === 'pending',
    createdAt,
    modifiedAt: (ended ?? Math.max(started / minute, ...changed.map((past) => past.minute))) * minute,
    ...drawTerm(columns, index, offer, started),
    term: offer.term,
    billing: offer.billing,
    planId: offer.item?.planId ?? 9001 + Math.floor(dice(seed, index, 51) * 3),
    products: drawProducts(columns, index, offer, lots),
    lots,
    ...drawParameters(columns, index, offer),
  };
}

function drawTerm(columns: SubscriptionColumns, index: number, offer: DrawnOffer, started: number) {
  const status = statusCodes[columns.status[index]!]!;
  const ended = endMinute(columns, index);
  if (status === 'pending') return {};
  if (ended === undefined) return { termStartedAt: started, termEndsAt: addPeriod(started, offer.term) };
  // A removed perpetual licence keeps an expiration date years ahead, as observed in live data.
  const perpetual = status === 'removed' && dice(columns.ground.seed, index, 73) < 0.03;
  return {
    termStartedAt: started,
    termEndsAt: perpetual ? addPeriod(ended * minute, { type: 'year', duration: 5 }) : ended * minute,
  };
}

function drawLots(history: readonly PastOrder[], startedMinute: number): SeatLot[] {
  let lots: SeatLot[] = [];
  for (const past of history) {
    if (past.kind === 'sales' || (past.kind === 'change' && past.status === 'completed'))
      lots = changeLots(lots, past.seats, past.minute * minute);
    if (past.kind === 'renewal') lots = renewedLots(sum(lots), startedMinute * minute);
  }
  return lots;
}

function sum(lots: readonly SeatLot[]): number {
  return lots.reduce((total, lot) => total + lot.quantity, 0);
}

function drawProducts(
  columns: SubscriptionColumns,
  index: number,
  { item, addOn }: DrawnOffer,
  lots: SeatLot[],
): HeldProduct[] {
  if (!item) return [];
  let face = 90;
  const microsoft = item.vendor === 'MICROSOFT' && columns.status[index] !== 0;
  const vendorSubscriptionId = microsoft ? guid(() => dice(columns.ground.seed, index, face++)) : undefined;
  const base = { item, quantity: sum(lots), vendorSubscriptionId };
  return addOn
    ? [base, { item: addOn, quantity: 1 + Math.floor(dice(columns.ground.seed, index, 89) * 5) }]
    : [base];
}

function drawParameters(
  columns: SubscriptionColumns,
  index: number,
  { item }: DrawnOffer,
): { orderParameters: Parameter[]; fulfillmentParameters: Parameter[] } {
  const none = { orderParameters: [], fulfillmentParameters: [] };
  const tenants =
    item?.vendor === 'MICROSOFT' ? seededTenants(columns.ground.seed, columns.owner[index]!) : [];
  const tenant = tenants[Math.floor(dice(columns.ground.seed, index, 82) * tenants.length)];
  if (!tenant || !item) return none;
  const pending = columns.status[index] === 0;
  return {
    orderParameters:
      item.kind === 'nce'
        ? [{ name: 'microsoft_domain', value: tenant.domain }]
        : // Legacy Office 365 takes the prefix only.
          [{ name: 'domain', value: tenant.domain.replace('.onmicrosoft.com', '') }],
    fulfillmentParameters: pending ? [] : [{ name: 'ms_customer_id', value: tenant.tenantId }],
  };
}
