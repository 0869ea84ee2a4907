import { productLineOf } from '../nce/product-line.ts';
import { lotsAt, lotsOfLine, reducibleSeats, reducibleUntil } from '../nce/seat-lots.ts';
import { windowCloses } from '../nce/window.ts';
import type { ChangeQuantityAsk, OrderAsk } from '../order/order-ask.ts';
import type { SubscriptionState } from '../subscription/subscription-record.ts';
import { isLineOf } from './own-estimate.ts';
import type { QuotedEffect } from './quote.ts';

/**
 * What the order does to windows and dates. Windows that it opens begin when CMP has carried it out; they are told as if
 * that were now, so that nobody counts on more time than there is.
 */
export function quotedEffects(
  ask: OrderAsk,
  subscription: SubscriptionState | null,
  now: number,
): QuotedEffect[] {
  switch (ask.kind) {
    case 'create':
      return productLineOf(ask.product) === 'nce' ? [opensWindow(ask.seats, now)] : [];
    case 'change-quantity':
      return subscription ? ofChange(ask, subscription, now) : [];
    case 'cancel':
      return [...closing(subscription), endsAtOnce];
    case 'renewal-setting':
      return [atEndOfTerm(ask.autoRenew, subscription)];
  }
}

function opensWindow(seats: number, now: number): QuotedEffect {
  const at = windowCloses(now);
  const detail = `It can be cancelled, and any of the ${seats} seats taken back, until ${print(at)}.`;
  return { code: 'opens-window', detail, seats, at };
}

function ofChange(ask: ChangeQuantityAsk, subscription: SubscriptionState, now: number): QuotedEffect[] {
  if (ask.when === 'renewal') return [atRenewal(ask, subscription)];
  const line = (subscription.lines ?? []).find((one) => isLineOf(one, ask.product));
  if (!line || productLineOf(line) !== 'nce') return [];
  const more = ask.seats - line.seats;
  if (more > 0) {
    const at = windowCloses(now);
    return [
      {
        code: 'opens-lot',
        detail: `The ${more} seats can be taken back until ${print(at)}.`,
        seats: more,
        at,
      },
    ];
  }
  const { lots } = subscription;
  return lots ? [takesFromLots(-more, lotsAt(lotsOfLine(lots, line), ask.seats, now), now)] : [];
}

function takesFromLots(less: number, left: ReturnType<typeof lotsAt>, now: number): QuotedEffect {
  const seats = reducibleSeats(left, now);
  const at = seats > 0 ? reducibleUntil(left, seats, now) : null;
  const further =
    at === null
      ? 'No further seat can be taken back.'
      : `${seats} more can be taken back until ${print(at)}.`;
  const detail = `The ${less} seats are taken from those added last. ${further}`;
  return { code: 'takes-from-lots', detail, seats, ...(at === null ? {} : { at }) };
}

function atRenewal({ seats }: ChangeQuantityAsk, { renewalDate }: SubscriptionState): QuotedEffect {
  const on = renewalDate ? ` on ${renewalDate}` : '';
  const detail = `From the renewal${on} there are ${seats} seats, which can be taken back for 168 hours.`;
  return { code: 'at-renewal', detail, seats, ...dayOf(renewalDate) };
}

function closing(subscription: SubscriptionState | null): QuotedEffect[] {
  const nce = (subscription?.lines ?? []).some((line) => productLineOf(line) === 'nce');
  if (!nce || !subscription || subscription.termStartedAt === null) return [];
  const at = windowCloses(subscription.termStartedAt);
  return [{ code: 'window-closes', detail: `The cancellation window closes ${print(at)}.`, at }];
}

const endsAtOnce: QuotedEffect = {
  code: 'ends-at-once',
  detail: 'The service ends at once and cannot be reinstated.',
};

function atEndOfTerm(autoRenew: boolean, subscription: SubscriptionState | null): QuotedEffect {
  const day = subscription?.renewalDate ?? subscription?.expirationDate ?? null;
  const on = day ? ` on ${day}` : '';
  return autoRenew
    ? { code: 'renews', detail: `It renews at the end of its term${on}.`, ...dayOf(day) }
    : {
        code: 'ends-with-term',
        detail: `It ends with its term${on} and is paid for until then.`,
        ...dayOf(day),
      };
}

const dayOf = (day: string | null) => (day === null ? {} : { at: Date.parse(`${day}T00:00:00Z`) });

const print = (at: number): string => new Date(at).toISOString().replace(':00.000Z', 'Z');
