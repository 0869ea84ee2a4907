import type { Period } from '@isthmus/domain';
import { nextClosing, reducibleSeats, reducibleUntil, seatsOf, type SeatLot } from './seat-lots.ts';
import { productLineOf, type ProductSigns } from './product-line.ts';
import { unsupported } from './supported.ts';
import { windowCloses, windowOpen } from './window.ts';

/** What options are computed from. Instants are milliseconds, UTC. */
export interface SubscriptionFacts {
  /** CMP's word. */
  status: string;
  product: ProductSigns;
  autoRenew: boolean;
  term?: Period | undefined;
  /** Purchase or last renewal; null when nobody knows. */
  termStartedAt: number | null;
  renewsAt: number | null;
  maximumSeats?: number | undefined;
  /** Of the line; without it, what the lots add up to. */
  seats?: number | undefined;
}

/** Whether one thing may be done now, until when, and otherwise why not and what instead. */
export interface Option {
  allowed: boolean;
  until?: number | null;
  code?: string;
  detail?: string;
  nextStep?: string;
}

export interface SubscriptionOptions {
  increase: Option & { upTo?: number };
  /** `seats`: how many can go now. */
  decrease: Option & { seats: number; firstClosing: { at: number; seats: number } | null };
  decreaseAtRenewal: Option & { on: number | null };
  cancel: Option;
  renewalSetting: Option;
}

const refuse = (code: string, detail: string, nextStep: string): Option => ({
  allowed: false,
  code,
  detail,
  nextStep,
});

/**
 * What may be done with a subscription, or one line of it, at `now`. Pure: the same facts, lots and instant give the same
 * answer. Without lots nobody knows when the seats were added, and CMP decides.
 */
export function optionsFor(
  facts: SubscriptionFacts,
  lots: readonly SeatLot[] | null,
  now: number,
): SubscriptionOptions {
  const dead = notActive(facts);
  const update = refused('change-quantity', facts) ?? dead;
  const later = update ?? noRenewal(facts, now);
  return {
    increase: update ?? { allowed: true, ...(facts.maximumSeats ? { upTo: facts.maximumSeats } : {}) },
    decrease: decreaseNow(update, facts, lots, now),
    decreaseAtRenewal: { ...(later ?? { allowed: true, until: facts.renewsAt }), on: facts.renewsAt },
    cancel: refused('cancel', facts) ?? dead ?? cancelNow(facts, now),
    renewalSetting: dead ?? { allowed: true, until: facts.renewsAt },
  };
}

const notActive = ({ status }: SubscriptionFacts): Option | null =>
  status === 'active' ? null : (inactive[status] ?? notThere(`The subscription is ${status}.`));

const notThere = (detail: string, nextStep = 'Only active subscriptions can be changed.'): Option =>
  refuse('subscription-not-active', detail, nextStep);

const inactive: Readonly<Record<string, Option>> = {
  pending: notThere('The subscription is pending.', 'Wait until CMP has provisioned it.'),
  'no-longer-listed': notThere(
    'CMP no longer lists the subscription.',
    "Look in CMP's control panel what became of it; as soon as CMP lists it again, it can be changed again.",
  ),
  'connector-removed': refuse(
    'connector-removed',
    'The connector of the subscription was removed.',
    'Set the connector up again for the same account of CMP; the next sync brings the subscription back.',
  ),
};

function refused(operation: 'change-quantity' | 'cancel', { product }: SubscriptionFacts): Option | null {
  const why = unsupported(operation, product);
  return why && { allowed: false, ...why };
}

const noRenewal = ({ autoRenew, renewsAt }: SubscriptionFacts, now: number): Option | null =>
  autoRenew && (renewsAt === null || renewsAt > now)
    ? null
    : refuse(
        'no-renewal',
        'The subscription will not renew, so that nothing can be scheduled for its renewal.',
        'Switch auto-renew on first.',
      );

function decreaseNow(
  update: Option | null,
  { product, seats: held }: SubscriptionFacts,
  lots: readonly SeatLot[] | null,
  now: number,
): SubscriptionOptions['decrease'] {
  if (update) return { ...update, seats: 0, firstClosing: null };
  // One seat has to stay; giving up the last one is a cancellation.
  const most = Math.max(0, (held ?? seatsOf(lots ?? [])) - 1);
  const windowed = productLineOf(product) === 'nce' && lots !== null;
  const seats = windowed ? Math.min(reducibleSeats(lots, now), most) : most;
  const firstClosing = windowed ? nextClosing(lots, now) : null;
  const until = windowed ? reducibleUntil(lots, seats, now) : null;
  if (seats > 0) return { allowed: true, until, seats, firstClosing };
  const why = refuse(
    'no-open-window',
    most === 0 ? 'The last seat would go.' : 'All seats were added more than 168 hours ago.',
    most === 0 ? 'Cancel the subscription instead.' : 'Schedule the decrease for the renewal.',
  );
  return { ...why, seats, firstClosing };
}

function cancelNow({ product, termStartedAt }: SubscriptionFacts, now: number): Option {
  if (productLineOf(product) !== 'nce') return { allowed: true, until: null };
  if (termStartedAt !== null && windowOpen(termStartedAt, now))
    return { allowed: true, until: windowCloses(termStartedAt) };
  return refuse(
    'cancellation-window-closed',
    termStartedAt === null
      ? 'It is not known when the term began, so that the cancellation window has to count as closed.'
      : `The term began ${new Date(termStartedAt).toISOString()}; it could be cancelled for 168 hours.`,
    'Switch auto-renew off: the subscription then ends with its term.',
  );
}
