import type { CatalogueItem } from '../catalogue/catalogue.ts';
import { type CustomerState, firstCustomerId, seededCustomer } from '../customers/customer.ts';
import { completeRenewal, renewalDraft } from '../orders/change-orders.ts';
import { moveOrder, type OrderDraft, type OrderState } from '../orders/order.ts';
import { salesOrder } from '../orders/sales-order.ts';
import { changeLots } from '../subscriptions/nce.ts';
import {
  moveSubscription,
  type SubscriptionState,
  type SubscriptionStatus,
} from '../subscriptions/subscription.ts';
import { endSubscription, watchTerm } from '../subscriptions/term.ts';
import type { Parameter } from '../wire/simple-api.ts';
import { addPeriod, type Period } from '../world/period.ts';
import type { World } from '../world/world.ts';

/** Adds `count` customers as if they had signed up just now; `like` overrides their fields. */
export function addCustomers(
  world: World,
  count: number,
  like: Partial<CustomerState> = {},
): CustomerState[] {
  return Array.from({ length: count }, () =>
    world.customers.add((index) => ({
      ...seededCustomer(world.ground, index),
      status: 'active' as const,
      ...like,
      id: String(firstCustomerId + index),
    })),
  );
}

/** The customer vanishes from listings and details; its subscriptions stay. */
export function removeCustomer(world: World, id: string): void {
  world.customers.hide(requirePosition(world, id));
}

/** Overwrites fields of a customer, as a person in the portal would. */
export function patchCustomer(world: World, id: string, fields: Partial<CustomerState>): CustomerState {
  return Object.assign(world.customers.edit(requirePosition(world, id)), fields, { id });
}

function requirePosition(world: World, id: string): number {
  const index = world.customers.indexOf(id);
  if (index === undefined) throw new RangeError(`There is no customer ${id}.`);
  return index;
}

/** The fields of a catalogue row that the distributor may change. */
export type ProductPatch = Partial<
  Pick<CatalogueItem, 'name' | 'mpn' | 'vendor' | 'priceCents' | 'costCents' | 'minimum' | 'maximum'>
>;

/** Changes a catalogue row by CMP's product id. */
export function patchProduct(world: World, id: string, patch: ProductPatch): CatalogueItem {
  return Object.assign(requireItem(world, id), patch);
}

/** The row is no longer offered; its subscriptions continue. */
export function withdrawProduct(world: World, id: string): void {
  world.withdrawn.add(requireItem(world, id).index);
}

function requireItem(world: World, id: string): CatalogueItem {
  const found = world.catalogue.find((item) => item.id === id);
  if (!found) throw new RangeError(`There is no product ${id}.`);
  return found;
}

/** A purchase in the portal; fields that are left out are chosen: the newest active customer, the first NCE product, one seat. */
export interface Purchase {
  customerId?: string | undefined;
  /** CMP's product id, or a part number whose first catalogue row is taken. */
  product?: string | undefined;
  quantity?: number | undefined;
  microsoftDomain?: string | undefined;
  poNumber?: string | undefined;
}

/** A purchase made in the portal: the sales order is complete and its subscription active at once. */
export function buySubscription(
  world: World,
  { customerId, product, quantity = 1, microsoftDomain, poNumber }: Purchase,
): SubscriptionState {
  const item = world.catalogue.find(({ id, mpn, kind }) =>
    product === undefined ? kind === 'nce' : id === product || mpn === product,
  );
  if (!item) throw new RangeError(`There is no product ${product}.`);
  const customer = customerId ?? world.customers.page({ offset: 0, limit: 1 }).rows[0]!.id;
  if (world.customers.indexOf(customer) === undefined)
    throw new RangeError(`There is no customer ${customer}.`);
  const from = world.now();
  const parameters: Parameter[] =
    microsoftDomain === undefined ? [] : [{ name: 'microsoft_domain', value: microsoftDomain }];
  const amountCents = item.priceCents * quantity;
  const order = settleOrder(world, {
    type: 'sales',
    customerId: customer,
    poNumber,
    attributes: {},
    lines: [{ item, quantity, amountCents, parameters, from, until: addPeriod(from, item.billing) }],
    totalCents: amountCents,
  });
  salesOrder.begin?.(world, order, from);
  salesOrder.complete(world, order, from);
  return world.subscriptions.edit(order.subscriptionId!);
}

/** The subscription vanishes from listings and details. */
export function removeSubscription(world: World, id: string): void {
  world.subscriptions.rows.hide(world.subscriptions.edit(id).index);
}

/** A change of a subscription in the portal. */
export interface SubscriptionPatch {
  /** Seats of the first product, as a total. */
  quantity?: number | undefined;
  status?: SubscriptionStatus | undefined;
  renewalStatus?: boolean | undefined;
  name?: string | undefined;
  attributes?: Record<string, string> | undefined;
  /** Sets `orderParameters.microsoft_domain`; null removes it. */
  microsoftDomain?: string | null | undefined;
  /** First instant after the term, ISO 8601; null removes the dates. */
  termEndsAt?: string | null | undefined;
  /** Transfers it to another customer; orders and invoices stay behind. */
  customerId?: string | undefined;
  /** Shows its products the other way round. */
  reversed?: boolean | undefined;
  /** The renewal date to show from now on, regardless of the term; null shows the correct one again. */
  shownRenewalDate?: string | null | undefined;
  /** An upgrade to another term: it starts again today, and opens no window. */
  upgradeTerm?: Period | undefined;
  /** True renews now. */
  renew?: boolean | undefined;
  /** Whether seats and endings leave an order behind (default), or happen without a trace. */
  viaOrder?: boolean | undefined;
  /** The purchase order number of that order. */
  poNumber?: string | undefined;
}

/**
 * Applies a patch at once, bypassing the rules of the API. Throws a RangeError if its own id or that of a customer is
 * unknown.
 */
export function patchSubscription(world: World, id: string, patch: SubscriptionPatch): SubscriptionState {
  const { customerId } = patch;
  if (customerId !== undefined && world.customers.indexOf(customerId) === undefined)
    throw new RangeError(`There is no customer ${customerId}.`);
  const subscription = world.subscriptions.edit(id);
  const now = world.now();
  const viaOrder = patch.viaOrder ?? true;
  if (patch.quantity !== undefined) setSeats(world, subscription, patch.quantity, viaOrder, patch.poNumber);
  if (patch.renew) completeRenewal(world, settleOrder(world, renewalDraft(subscription)), now);
  if (patch.status !== undefined && patch.status !== subscription.status)
    setStatus(world, subscription, patch.status, viaOrder, patch.poNumber);
  if (patch.renewalStatus !== undefined) subscription.renewalStatus = patch.renewalStatus;
  if (patch.name !== undefined) subscription.name = patch.name;
  if (patch.attributes) subscription.attributes = { ...subscription.attributes, ...patch.attributes };
  if (patch.microsoftDomain !== undefined) {
    const others = subscription.orderParameters.filter(({ name }) => name !== 'microsoft_domain');
    subscription.orderParameters =
      patch.microsoftDomain === null
        ? others
        : [...others, { name: 'microsoft_domain', value: patch.microsoftDomain }];
  }
  if (patch.termEndsAt !== undefined) {
    subscription.termEndsAt = patch.termEndsAt === null ? undefined : Date.parse(patch.termEndsAt);
    watchTerm(world, subscription);
  }
  if (customerId !== undefined) world.subscriptions.transfer(id, customerId);
  if (patch.reversed !== undefined) subscription.reversed = patch.reversed;
  if (patch.shownRenewalDate !== undefined)
    subscription.shownRenewalDate = patch.shownRenewalDate ?? undefined;
  if (patch.upgradeTerm) upgradeTerm(world, subscription, patch.upgradeTerm);
  subscription.modifiedAt = now;
  return subscription;
}

/** Seats and windows stay as they were. Source: Cloudmore, "Upgrade NCE subscription": no seven days after an upgrade. */
function upgradeTerm(world: World, subscription: SubscriptionState, term: Period): void {
  const now = world.now();
  settleOrder(world, {
    type: 'change',
    customerId: subscription.customerId,
    subscriptionId: subscription.id,
    attributes: {},
    lines: subscription.products.map(({ item, quantity }) => ({
      ...{ item, quantity, amountCents: 0, subscriptionId: subscription.id },
      ...{ from: now, until: addPeriod(now, term), charge: 'switch' as const },
    })),
    totalCents: 0,
  });
  subscription.term = term;
  subscription.termEndsAt = addPeriod(now, term);
  watchTerm(world, subscription);
}

function setSeats(
  world: World,
  subscription: SubscriptionState,
  quantity: number,
  viaOrder: boolean,
  poNumber?: string,
): void {
  const subscribed = subscription.products[0];
  if (!subscribed)
    throw new RangeError(`Subscription ${subscription.id} has no product whose seats could change.`);
  const now = world.now();
  const delta = quantity - subscribed.quantity;
  if (viaOrder)
    settleOrder(world, {
      type: 'change',
      customerId: subscription.customerId,
      subscriptionId: subscription.id,
      poNumber,
      attributes: {},
      lines: [
        {
          item: subscribed.item,
          quantity: delta,
          amountCents: subscribed.item.priceCents * delta,
          subscriptionId: subscription.id,
          from: now,
          until: subscription.termEndsAt ?? now,
        },
      ],
      totalCents: subscribed.item.priceCents * delta,
    });
  subscription.lots = changeLots(subscription.lots, delta, now);
  subscribed.quantity = quantity;
}

function setStatus(
  world: World,
  subscription: SubscriptionState,
  status: SubscriptionStatus,
  viaOrder: boolean,
  poNumber?: string,
): void {
  if (viaOrder && status === 'terminated')
    settleOrder(world, {
      type: 'cancellation',
      customerId: subscription.customerId,
      subscriptionId: subscription.id,
      poNumber,
      attributes: {},
      lines: [],
      totalCents: 0,
    });
  if (status === 'terminated') endSubscription(world, subscription, world.now());
  else if (status === 'hold') moveSubscription(subscription, 'suspend');
  else subscription.status = status;
}

/** An order that was placed in the portal and is already done. Its effect is the caller's. */
function settleOrder(world: World, draft: OrderDraft): OrderState {
  const order = world.orders.add(draft, world.now());
  moveOrder(order, 'start');
  moveOrder(order, 'complete');
  order.provisionedAt = world.now();
  return order;
}
