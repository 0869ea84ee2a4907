import type {
  CmpOrder,
  CmpOrderDetail,
  CmpOrderRequest,
  CmpPeriod,
  CmpSubscription,
  CmpSubscriptionDetail,
} from '@isthmus/cmp-client';
import type { Random } from '../world/random.ts';

/** An order inside the model of CMP. */
export interface ModelOrder {
  id: string;
  /** What was posted; absent for orders that CMP or somebody in the portal made. */
  posted: CmpOrderRequest | null;
  type: CmpOrderDetail['type'];
  customerId: string;
  subscriptionId?: string | undefined;
  poNumber?: string | undefined;
  attributes: Record<string, string>;
  lines: { mpn: string; quantity: number; target: number; terms?: ModelTerms | undefined }[];
  scheduled: boolean;
  createdAt: number;
  status: 'submitted' | 'processing' | 'completed' | 'error' | 'cancelled';
  /** What will become of it, decided when it was made. */
  fate: 'effect' | 'no-effect' | 'other-effect' | 'error';
  completedAt?: number;
}

/** In which of the ways it is sold something was bought. */
export interface ModelTerms {
  term: CmpPeriod;
  billing: CmpPeriod;
}

export interface ModelSubscription {
  id: string;
  terms: ModelTerms;
  customerId: string;
  status: 'pending' | 'active' | 'terminated';
  mpn: string;
  quantity: number;
  /** A second product, which our orders are never about. */
  addOn?: { mpn: string; quantity: number } | undefined;
  /** Wiped in the portal: neither listed nor found any more. */
  wiped?: boolean;
  autoRenew: boolean;
  openedAt: number;
  /** Purchase or last renewal. */
  termBegan: number;
  termDays: number;
  /** When the term ends, and the next one begins if it renews. */
  renewsAt: number;
  lots: ModelLot[];
  /** The number of the last order about it, which automatic renewals copy. */
  poNumber?: string | undefined;
  /** Counts changes, so that observers can tell old news from new. */
  changes: number;
}

export const hasEffect = ({ fate }: ModelOrder): boolean => fate === 'effect' || fate === 'other-effect';

/** What the order asked for, or one seat more. */
export const seatsAfter = ({ lines, fate }: ModelOrder): number =>
  lines[0]!.target + (fate === 'other-effect' ? 1 : 0);

/** The seats of one of its products, by mpn. */
export const seatsIn = ({ mpn, quantity, addOn }: ModelSubscription, of: string): number | undefined =>
  of === mpn ? quantity : of === addOn?.mpn ? addOn.quantity : undefined;

export const isOpen = ({ status }: ModelOrder): boolean => status === 'submitted' || status === 'processing';

const hour = 3_600_000;
const day = 24 * hour;

/** Seats bought together, as Microsoft counts them: they can be given back for 168 hours. */
export interface ModelLot {
  seats: number;
  at: number;
}

/** Seats that Microsoft would take back now. */
export const returnable = ({ lots }: ModelSubscription, now: number): number =>
  lots.filter(({ at }) => now - at <= 168 * hour).reduce((sum, { seats }) => sum + seats, 0);

/** Whether Microsoft would still undo the whole purchase or renewal. */
export const cancellable = ({ termBegan }: ModelSubscription, now: number): boolean =>
  now - termBegan <= 168 * hour;

/** Another number of seats from now on. Microsoft does not say which seats go first, so that it is drawn for each scenario. */
export function setSeats(
  subscription: ModelSubscription,
  seats: number,
  now: number,
  goesFirst: 'oldest' | 'youngest',
): void {
  const more = seats - subscription.quantity;
  subscription.quantity = seats;
  if (more > 0) subscription.lots.push({ seats: more, at: now });
  for (let surplus = -more; surplus > 0;) {
    const open = subscription.lots.filter(({ at }) => now - at <= 168 * hour);
    const from = open.length > 0 ? open : subscription.lots;
    const lot = goesFirst === 'oldest' ? from[0]! : from.at(-1)!;
    const taken = Math.min(surplus, lot.seats);
    lot.seats -= taken;
    surplus -= taken;
    subscription.lots = subscription.lots.filter((one) => one.seats > 0);
  }
}

/** The next term: all seats are as good as bought at its beginning. */
export function beginTerm(subscription: ModelSubscription, at: number): void {
  subscription.termBegan = at;
  subscription.renewsAt = at + subscription.termDays * day;
  subscription.lots = [{ seats: subscription.quantity, at }];
}

/** What is not known about CMP and Microsoft, drawn anew for each scenario. */
export interface UnknownBehaviour {
  /** CMP's message about a decrease or a cancellation that comes too late. */
  tooLate: string;
  /** Which seats a decrease takes first. */
  goesFirst: 'oldest' | 'youngest';
}

const tooLate = 'quantity decrease or cancellation is not allowed outside of the window.';

/** In words that the client knows to be a no, or in words that leave open whether the order exists. */
export const drawUnknownBehaviour = (random: Random): UnknownBehaviour => ({
  tooLate: random.chance(0.7) ? `Cannot Upgrade/Downgrade Resources: ${tooLate}` : `The ${tooLate}`,
  goesFirst: random.chance(0.5) ? 'oldest' : 'youngest',
});

const iso = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** A row of a list: no number, no subscription, no lines. */
export const orderRow = (order: ModelOrder): CmpOrder => ({
  id: order.id,
  orderNumber: `N${order.id}`,
  type: order.type,
  customerId: order.customerId,
  status: order.status,
  creationDate: iso(order.createdAt),
  attributes: {},
});

/** Renewals and cancellations have no lines; immediate changes show the difference, as purchases show the quantity. */
export const orderDetail = (order: ModelOrder): CmpOrderDetail => ({
  ...orderRow(order),
  poNumber: order.poNumber,
  attributes: { ...order.attributes },
  subscriptionId: order.subscriptionId,
  ...(order.scheduled ? { scheduledOn: 'renewal' } : {}),
  products:
    order.type === 'renewal' || order.type === 'cancellation'
      ? []
      : order.lines.map(({ mpn, quantity, terms }) => ({
          mpn,
          ...(terms ? { billingPeriod: terms.billing, subscriptionPeriod: terms.term } : {}),
          quantity,
          parameters: [],
          subscriptionId: order.subscriptionId,
        })),
  details: [],
});

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** A row of a list: no quantity, no products. */
export const subscriptionRow = (subscription: ModelSubscription): CmpSubscription => ({
  id: subscription.id,
  name: `Subscription ${subscription.id}`,
  customerId: subscription.customerId,
  status: subscription.status,
  attributes: {},
  renewalStatus: subscription.autoRenew,
  creationDate: dayOf(subscription.openedAt),
  renewalDate: dayOf(subscription.renewsAt),
  expirationDate: dayOf(subscription.renewsAt),
  billingPeriod: subscription.terms.billing,
  subscriptionPeriod: subscription.terms.term,
});

/** Its products in any order, as CMP returns them. */
export const subscriptionDetail = (
  subscription: ModelSubscription,
  addOnFirst: boolean,
): CmpSubscriptionDetail => ({
  ...subscriptionRow(subscription),
  products: productsOf(subscription, addOnFirst),
  orderParameters: [],
  fulfillmentParameters: [],
});

function productsOf({ mpn, quantity, addOn }: ModelSubscription, addOnFirst: boolean) {
  const line = { mpn, quantity };
  if (!addOn) return [line];
  return addOnFirst ? [{ ...addOn }, line] : [line, { ...addOn }];
}
