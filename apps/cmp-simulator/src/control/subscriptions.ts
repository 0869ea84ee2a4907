import { changeLots } from '../subscriptions/nce.ts';
import { completeRenewal, renewalDraft } from '../orders/renewal-order.ts';
import { endSubscription, watchTerm } from '../subscriptions/term.ts';
import { settleOrder } from './settle-order.ts';
import { addPeriod, type Period } from '../world/period.ts';
import {
  moveSubscription,
  type SubscriptionState,
  type SubscriptionStatus,
} from '../subscriptions/subscription.ts';
import type { World } from '../world/world.ts';

/** What somebody does to a subscription in the portal. */
export interface SubscriptionPatch {
  /** Seats of the first product, as a total. */
  quantity?: number | undefined;
  status?: SubscriptionStatus | undefined;
  renewalStatus?: boolean | undefined;
  name?: string | undefined;
  attributes?: Record<string, string> | undefined;
  /** Sets `orderParameters.microsoft_domain`; null takes it away. */
  microsoftDomain?: string | null | undefined;
  /** First instant after the term, ISO 8601; null takes the dates away. */
  termEndsAt?: string | null | undefined;
  /** Transfers it to another customer; orders and invoices stay behind. */
  customerId?: string | undefined;
  /** Shows its products the other way round. */
  reversed?: boolean | undefined;
  /** The renewal date that is shown from now on, whatever the term is; null shows the right one again. */
  shownRenewalDate?: string | null | undefined;
  /** An upgrade to another term: it begins anew with today, and opens no window. */
  upgradeTerm?: Period | undefined;
  /** True renews now. */
  renew?: boolean | undefined;
  /** Whether seats and endings leave an order behind (default), or happen without a trace. */
  viaOrder?: boolean | undefined;
  /** The purchase order number of that order. */
  poNumber?: string | undefined;
}

/** Applies a patch at once, past the rules that bind the API. Throws a RangeError for an unknown id of it or of a customer. */
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
  const held = subscription.products[0];
  if (!held) throw new RangeError(`Subscription ${subscription.id} has no product whose seats could change.`);
  const now = world.now();
  const delta = quantity - held.quantity;
  if (viaOrder)
    settleOrder(world, {
      type: 'change',
      customerId: subscription.customerId,
      subscriptionId: subscription.id,
      poNumber,
      attributes: {},
      lines: [
        {
          item: held.item,
          quantity: delta,
          amountCents: held.item.priceCents * delta,
          subscriptionId: subscription.id,
          from: now,
          until: subscription.termEndsAt ?? now,
        },
      ],
      totalCents: held.item.priceCents * delta,
    });
  subscription.lots = changeLots(subscription.lots, delta, now);
  held.quantity = quantity;
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
