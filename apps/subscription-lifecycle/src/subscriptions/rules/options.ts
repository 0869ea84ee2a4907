import type { Period } from '@isthmus/domain';
import { isExtended, type SubscriptionState } from '../subscription.ts';
import { classifyProduct, type ProductSigns, unsupported } from './product-line.ts';
import {
  nextClosing,
  reducibleSeats,
  reducibleUntil,
  type SeatLot,
  totalSeats,
  windowCloses,
  windowOpen,
} from './seat-lots.ts';

/** The facts from which options are computed. Times are milliseconds, UTC. */
export interface SubscriptionFacts {
  /** The status as reported by CMP. */
  status: string;
  product: ProductSigns;
  autoRenew: boolean;
  term?: Period | undefined;
  /** Purchase or last renewal; null when unknown. */
  termStartedAt: number | null;
  renewsAt: number | null;
  /** True if the subscription continues month by month without a renewal (extended service term). */
  extended?: boolean;
  /** Minimum seats of the product, according to the catalogue. */
  minimumSeats?: number | undefined;
  maximumSeats?: number | undefined;
  /** Seats of the line; without it, the sum of the lots. */
  seats?: number | undefined;
}

/** Whether an action is possible now, until when, and otherwise the reason and the alternative. */
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
 * Determines what can be done with a subscription, or one line of it, at `now`. Pure: the same facts, lots and time give the same
 * result. Without lots it is not known when the seats were added, so none can be returned for new commerce.
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
    increase: update ??
      atMaximum(facts, lots) ?? {
        allowed: true,
        ...(facts.maximumSeats ? { upTo: facts.maximumSeats } : {}),
      },
    decrease: decreaseNow(update, facts, lots, now),
    decreaseAtRenewal: { ...(later ?? { allowed: true, until: facts.renewsAt }), on: facts.renewsAt },
    cancel: refused('cancel', facts) ?? dead ?? cancelNow(facts, now),
    renewalSetting: dead ?? { allowed: true, until: facts.renewsAt, detail: withoutRenewal(facts) },
  };
}

const notActive = ({ status }: SubscriptionFacts): Option | null =>
  status === 'active' ? null : (inactive.get(status) ?? notThere(`The subscription is ${status}.`));

const notThere = (detail: string, nextStep = 'Only active subscriptions can be changed.'): Option =>
  refuse('subscription-not-active', detail, nextStep);

/** A map: CMP's word may be one that every object has, such as `constructor`. */
const inactive: ReadonlyMap<string, Option> = new Map([
  ['pending', notThere('The subscription is pending.', 'Wait until CMP has provisioned it.')],
  [
    'no-longer-listed',
    notThere(
      'CMP no longer lists the subscription.',
      "Check its state in CMP's control panel; it can be changed again as soon as CMP lists it again.",
    ),
  ],
  [
    'connector-removed',
    refuse(
      'connector-removed',
      'The connector of the subscription was removed.',
      'Create the connector again for the same CMP account; the next sync brings the subscription back.',
    ),
  ],
]);

function refused(operation: 'change-quantity' | 'cancel', { product }: SubscriptionFacts): Option | null {
  const why = unsupported(operation, product);
  return why && { allowed: false, ...why };
}

const noRenewal = ({ autoRenew, renewsAt }: SubscriptionFacts, now: number): Option | null =>
  autoRenew && (renewsAt === null || renewsAt > now)
    ? null
    : refuse(
        'no-renewal',
        'The subscription will not renew, so nothing can be scheduled for its renewal.',
        'Switch auto-renew on first.',
      );

function atMaximum(
  { maximumSeats, seats }: SubscriptionFacts,
  lots: readonly SeatLot[] | null,
): Option | null {
  if (maximumSeats === undefined || (seats ?? totalSeats(lots ?? [])) < maximumSeats) return null;
  return refuse(
    'quantity-out-of-range',
    `The product can be bought with at most ${maximumSeats} seats.`,
    'Buy another subscription for the seats beyond that.',
  );
}

function decreaseNow(
  update: Option | null,
  facts: SubscriptionFacts,
  lots: readonly SeatLot[] | null,
  now: number,
): SubscriptionOptions['decrease'] {
  if (update) return { ...update, seats: 0, firstClosing: null };
  const most = maxDecrease(facts, facts.seats ?? totalSeats(lots ?? []));
  const windowed = hasWindows(facts);
  const seats = windowed ? Math.min(reducibleSeats(lots ?? [], now), most) : most;
  const firstClosing = windowed ? nextClosing(lots ?? [], now) : null;
  const until = windowed ? reducibleUntil(lots ?? [], seats, now) : null;
  if (seats > 0) return { allowed: true, until, seats, firstClosing };
  const { minimumSeats = 1 } = facts;
  const why = refuse(
    'no-open-window',
    most === 0
      ? minimumSeats > 1
        ? `The product requires at least ${minimumSeats} seats.`
        : 'No seat would be left.'
      : lots === null
        ? 'It is unknown when the seats were added, so they have to count as older than 168 hours.'
        : 'All seats were added more than 168 hours ago.',
    most === 0 ? 'Cancel the subscription instead.' : 'Schedule the decrease for the renewal.',
  );
  return { ...why, seats, firstClosing };
}

/** New commerce can be given back within a week; in an extended service term, and anything else, any day. */
export const hasWindows = ({
  product,
  extended = false,
}: Pick<SubscriptionFacts, 'product' | 'extended'>): boolean =>
  classifyProduct(product) === 'nce' && !extended;

/** Seats beyond what the product needs; giving up the last ones is a cancellation. */
export const maxDecrease = (
  { minimumSeats = 1 }: { minimumSeats?: number | undefined },
  currentSeats: number,
): number => Math.max(0, currentSeats - Math.max(1, minimumSeats));

function cancelNow(facts: SubscriptionFacts, now: number): Option {
  const { termStartedAt } = facts;
  if (!hasWindows(facts)) return { allowed: true, until: null };
  if (termStartedAt !== null && windowOpen(termStartedAt, now))
    return { allowed: true, until: windowCloses(termStartedAt) };
  return refuse(
    'cancellation-window-closed',
    termStartedAt === null
      ? 'It is unknown when the term began, so the cancellation window has to count as closed.'
      : `The term began ${new Date(termStartedAt).toISOString()}; it could be cancelled for 168 hours.`,
    `Switch auto-renew off. ${withoutRenewal(facts)}`,
  );
}

/** Describes what happens to a subscription that is not renewed. Source: Microsoft Learn, "Extended service terms". */
export function withoutRenewal({
  product,
  extended,
}: Pick<SubscriptionFacts, 'product' | 'extended'>): string {
  if (extended)
    return 'It continues month by month at the higher price of an extended service term until it is cancelled, which is possible any day.';
  if (classifyProduct(product) !== 'nce') return 'Without auto-renew it ends with its term.';
  return (
    'Without auto-renew it ends with its term, immediately and without a grace period; or, if the vendor offers an extended service ' +
    'term for it, it continues month by month at a higher price until it is cancelled.'
  );
}

/** Facts, in addition to the subscription, that limit the changes of one of its lines. */
export interface ChangeRules {
  /** Part numbers and (partial) names of products that are in an extended service term regardless of other facts. */
  extendedTermProducts?: readonly string[];
  /** Minimum seats of the line's product; undefined if the catalogue does not state it. */
  minimumSeats?: number | undefined;
  maximumSeats?: number | undefined;
}

/** A subscription as its options are computed from, by one of its lines. */
export const factsForOptions = (
  state: SubscriptionState,
  product: ProductSigns,
  seats?: number,
  { extendedTermProducts = [], minimumSeats, maximumSeats }: ChangeRules = {},
): SubscriptionFacts => ({
  seats,
  status: state.status,
  product,
  autoRenew: state.autoRenew,
  term: state.term ?? undefined,
  termStartedAt: state.termStartedAt,
  renewsAt: state.renewalDate === null ? null : Date.parse(`${state.renewalDate}T00:00:00Z`),
  extended: isExtended(state) || isNamed(product, extendedTermProducts),
  minimumSeats,
  maximumSeats,
});

function isNamed({ mpn, name = '' }: ProductSigns, products: readonly string[]): boolean {
  const [number, words] = [mpn.toLowerCase(), name.toLowerCase()];
  return products.some(
    (one) => one !== '' && (number === one.toLowerCase() || words.includes(one.toLowerCase())),
  );
}
