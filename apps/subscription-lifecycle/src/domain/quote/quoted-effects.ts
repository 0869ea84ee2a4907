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
  extended = false,
): QuotedEffect[] {
  switch (ask.kind) {
    case 'create':
      return productLineOf(ask.product) === 'nce' ? [opensWindow(ask.seats, now)] : [];
    case 'change-quantity':
      if (extended && ask.when === 'now') return [extendedTerm(subscription, true)];
      return subscription ? ofChange(ask, subscription, now) : [];
    case 'cancel':
      return extended ? [endsAtOnce] : [...closing(subscription), endsAtOnce];
    case 'renewal-setting':
      return atEndOfTerm(ask.autoRenew, subscription, extended);
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
  const day = known(renewalDate);
  const on = day ? ` on ${day}` : '';
  const detail = `From the renewal${on} there are ${seats} seats, which can be taken back for 168 hours.`;
  return { code: 'at-renewal', detail, seats, ...dayOf(day) };
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

/** What not renewing leads to is the vendor's to decide, and nobody says before: both outcomes are told. */
function atEndOfTerm(
  autoRenew: boolean,
  subscription: SubscriptionState | null,
  extended: boolean,
): QuotedEffect[] {
  const day = known(subscription?.renewalDate) ?? known(subscription?.expirationDate);
  const on = day ? ` on ${day}` : '';
  if (autoRenew) return [{ code: 'renews', detail: `It renews at the end of its term${on}.`, ...dayOf(day) }];
  if (extended) return [extendedTerm(subscription, true)];
  const nce = (subscription?.lines ?? []).some((line) => productLineOf(line) === 'nce');
  const atOnce = nce ? ' The service then stops at once, without days of grace.' : '';
  const ends: QuotedEffect = {
    code: 'ends-with-term',
    detail: `It ends with its term${on} and is paid for until then.${atOnce}`,
    ...dayOf(day),
  };
  return nce ? [ends, extendedTerm(subscription, false)] : [ends];
}

function extendedTerm(subscription: SubscriptionState | null, runs: boolean): QuotedEffect {
  const day = known(subscription?.renewalDate);
  const detail = runs
    ? 'It is in an extended service term: it runs on month by month at a higher price until it is cancelled. It can be cancelled and decreased any day.'
    : `Or, where the vendor offers an extended service term for it, it continues month by month${day ? ` from ${day} on` : ''}, at a higher price, until it is cancelled, which can be done any day.`;
  return { code: 'extended-term', detail, ...(runs ? {} : dayOf(day)) };
}

/** A day that can be meant: without auto-renew CMP may name one at the end of time. */
const known = (day: string | null | undefined): string | null =>
  day && day < '2100' && day > '1970' ? day : null;

const dayOf = (day: string | null) => (day === null ? {} : { at: Date.parse(`${day}T00:00:00Z`) });

const print = (at: number): string => new Date(at).toISOString().replace(':00.000Z', 'Z');
