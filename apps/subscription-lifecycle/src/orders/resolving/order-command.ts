import type { CmpPeriod } from '@isthmus/cmp-client';
import type { MicrosoftTenantV1 } from '@isthmus/contracts';
import { Period } from '@isthmus/domain';
import {
  maxDecrease,
  type ChangeRules,
  factsForOptions,
  hasWindows,
  type Option,
  optionsFor,
  type SubscriptionFacts,
} from '../../subscriptions/rules/options.ts';
import { type RequestedOperation, unsupported } from '../../subscriptions/rules/product-line.ts';
import {
  decreaseRefusal,
  type DecreaseRefusal,
  lotsForLine,
  reducibleSeats,
  reducibleUntil,
  type SeatLot,
} from '../../subscriptions/rules/seat-lots.ts';
import type { SubscriptionRow } from '../../subscriptions/subscription.entity.ts';
import { findLine, leadingLine, type SubscriptionLine } from '../../subscriptions/subscription.ts';
import { noSuchLine, OrderRefused, type RefusalCode } from '../order.errors.ts';
import type { OrderProduct, OrderSpec, Terms } from '../order.ts';

/** A command to order, as people and other services give it. */
export interface OrderCommand {
  kind: RequestedOperation;
  /** Required for everything except a purchase. */
  subscriptionId?: string | undefined;
  /** Required for a purchase. */
  providerAccountId?: string | undefined;
  /** Part number of a purchase: `INGRAM:vendorID:mpn`. */
  partNumber?: string | undefined;
  billingPeriod?: string | undefined;
  term?: string | undefined;
  /** The new total, never a difference. */
  seats?: number | undefined;
  when?: 'now' | 'renewal' | undefined;
  /** The line to change, if the subscription has several. */
  mpn?: string | undefined;
  cmpProductId?: string | undefined;
  autoRenew?: boolean | undefined;
  parameters?: { name: string; value?: string | undefined; structured_value?: unknown }[] | undefined;
  /** What the requesting service knows about the customer's Microsoft tenant. */
  microsoftTenant?: MicrosoftTenantV1 | undefined;
  highestTotal?: { amount: string; currency: string } | undefined;
  extraProducts?: string[] | undefined;
  dropScheduledChanges?: boolean | undefined;
  quoteId?: string | undefined;
  priceTolerancePercent?: number | undefined;
}

/**
 * Translates a command about a subscription to an order at CMP; refuses what is known to be impossible before any call to CMP.
 * @param ifUnchanged an order for the existing number of seats is either refused, or settles without anything being sent, which
 * is right if earlier orders may still change the seats
 * @param rules what the catalogue and the settings know about the line
 */
export function specForChange(
  order: OrderCommand,
  row: SubscriptionRow,
  now: number,
  ifUnchanged: 'reject' | 'order' = 'reject',
  rules: ChangeRules = {},
): OrderSpec {
  const { cmpAccountId, cmpSubscriptionId } = row;
  const of = { cmpAccountId, cmpSubscriptionId };
  const line = findLine(row.state, order.mpn, order.cmpProductId);
  const product = productTraits(order.kind === 'change-quantity' ? line : leadingLine(row.state), row.name);
  const operation = order.kind === 'create' ? 'change-quantity' : order.kind;
  const refusal = unsupported(operation, product);
  if (refusal) throw new OrderRefused(refusal.code, refusal.detail, refusal.nextStep);
  const facts = factsForOptions(row.state, product, line?.seats, rules);
  const options = optionsFor(facts, [], now);
  switch (order.kind) {
    case 'cancel':
      require(options.cancel);
      return { kind: 'cancel', ...of };
    case 'renewal-setting':
      require(options.renewalSetting);
      return { kind: 'renewal-setting', ...of, autoRenew: order.autoRenew ?? false };
    default:
      return changeOfQuantity(order, row, line, now, facts, ifUnchanged);
  }
}

function changeOfQuantity(
  { seats = 0, when = 'now', mpn: named, cmpProductId: productNamed, ...requested }: OrderCommand,
  { cmpAccountId, cmpSubscriptionId, name, state }: SubscriptionRow,
  line: SubscriptionLine | undefined,
  now: number,
  facts: SubscriptionFacts,
  ifUnchanged: 'reject' | 'order',
): OrderSpec {
  if (!line) throw noSuchLine(name, state.lines ?? [], named, productNamed);
  const options = optionsFor({ ...facts, maximumSeats: undefined }, [], now);
  require(when === 'renewal' ? options.decreaseAtRenewal : options.increase);
  if (ifUnchanged === 'reject' && when === 'now' && seats === line.seats)
    throw new OrderRefused(
      'nothing-to-change',
      `${name} has ${seats} seats already.`,
      'Request another total.',
    );
  const lots = lotsForLine(state.lots ?? [], line);
  requireLimits(facts, line, lots, seats, when, now);
  if (when === 'now' && seats < line.seats && hasWindows(facts)) {
    const why = decreaseRefusal(lots, seats, now, line.seats);
    if (why) throw new OrderRefused(why.code, why.detail, why.nextStep, decreaseOffer(why));
  }
  const { vendor, mpn, cmpProductId, name: productName } = line;
  return {
    kind: 'change-quantity',
    cmpAccountId,
    cmpSubscriptionId,
    seats,
    when,
    ...(facts.extended ? { extendedTerm: true as const } : {}),
    product: {
      vendor,
      mpn,
      cmpProductId: cmpProductId || undefined,
      name: productName,
      // If the value is unknown, the requested one is used: CMP has to agree with it before anything is sent.
      billingPeriod: state.billingPeriod ?? requestedPeriod(requested.billingPeriod),
      term: state.term ?? requestedPeriod(requested.term),
    },
  };
}

/** @throws OrderRefused with how many seats can go, when the product cannot be had with as few, or as many */
function requireLimits(
  facts: SubscriptionFacts,
  { seats: currentSeats, name }: SubscriptionLine,
  lots: readonly SeatLot[],
  seats: number,
  when: 'now' | 'renewal',
  now: number,
): void {
  const { minimumSeats = 1, maximumSeats = Infinity } = facts;
  if (seats >= minimumSeats && seats <= maximumSeats) return;
  const most = maximumSeats === Infinity ? '' : ` and at most ${maximumSeats}`;
  const detail = `${name} can be bought with at least ${minimumSeats}${most} seats, not with ${seats}.`;
  if (seats > maximumSeats)
    throw new OrderRefused('quantity-out-of-range', detail, `Request at most ${maximumSeats} seats.`, {
      maximum: maximumSeats,
    });
  if (when === 'renewal')
    throw new OrderRefused(
      'quantity-out-of-range',
      detail,
      `Schedule ${minimumSeats} seats or more, or switch auto-renew off.`,
      { atRenewal: minimumSeats },
    );
  const beyond = maxDecrease(facts, currentSeats);
  const seatsNow = hasWindows(facts) ? Math.min(beyond, reducibleSeats(lots, now)) : beyond;
  const until = seatsNow > 0 && hasWindows(facts) ? reducibleUntil(lots, seatsNow, now) : null;
  const less = seatsNow > 0 ? `Decrease by ${seatsNow} seats` : 'Keep the seats';
  throw new OrderRefused('quantity-out-of-range', detail, `${less}, or cancel the subscription.`, {
    seatsNow,
    until: until === null ? null : new Date(until).toISOString(),
    atRenewal: minimumSeats,
  });
}

const decreaseOffer = ({ seatsNow, until, atRenewal }: DecreaseRefusal) => ({
  seatsNow,
  until: until === null ? null : new Date(until).toISOString(),
  atRenewal,
});

const productTraits = (line: SubscriptionLine | undefined, name: string) => ({
  mpn: line?.mpn ?? '',
  name: line?.name ?? name,
  vendor: line?.vendor,
});

function require({ allowed, code, detail = '', nextStep = '' }: Option): void {
  if (!allowed) throw new OrderRefused(code as RefusalCode, detail, nextStep);
}

const facts = ['term', 'billingPeriod'] as const;
const names = { term: 'term', billingPeriod: 'billing period' } as const;

/** A requested period in CMP's form: whole years are years, not months. */
export function requestedPeriod(iso: string | undefined): Period | undefined {
  const period = iso ? Period.parse(iso) : undefined;
  return period?.type === 'month' && period.duration % 12 === 0
    ? { type: 'year', duration: period.duration / 12 }
    : period;
}

/** Human-readable: `1 year (P1Y)`. */
export function describePeriod(iso: string): string {
  const { type, duration } = Period.parse(iso);
  return `${duration} ${type}${duration === 1 ? '' : 's'} (${iso})`;
}

/** Human-readable: `a term of 1 year (P1Y) and a billing period of 1 month (P1M)`. */
export function describeTerms({ term, billingPeriod }: Terms): string {
  const parts = [
    term === null ? 'no known term' : `a term of ${describePeriod(term)}`,
    billingPeriod === null ? null : `a billing period of ${describePeriod(billingPeriod)}`,
  ];
  return parts.filter((part) => part !== null).join(' and ');
}

/** The requested facts that are known to differ. Twelve months are one year. */
export const differingTerms = (
  requested: Partial<Terms>,
  actual: Terms,
  alsoDiffers: readonly (keyof Terms)[] = [],
): (keyof Terms)[] =>
  facts.filter((fact) => {
    const [wanted, is] = [requested[fact], actual[fact]];
    if (wanted == null) return false;
    if (is === null) return alsoDiffers.includes(fact);
    return !Period.equals(Period.parse(wanted), Period.parse(is));
  });

/**
 * Refuses an order with another term or billing period than requested.
 * @param what the part number or subscription that was named, for the message
 * @throws OrderRefused
 */
export function requireTerms(
  requested: Partial<Terms>,
  actual: Terms & { name: string },
  what: string,
  nextStep: string,
  alsoDiffers?: readonly (keyof Terms)[],
): void {
  const differs = differingTerms(requested, actual, alsoDiffers);
  if (differs.length === 0) return;
  const wanted = differs
    .map((fact) => `a ${names[fact]} of ${describePeriod(requested[fact]!)}`)
    .join(' and ');
  throw new OrderRefused(
    'term-differs',
    `The order specifies ${wanted}, but ${what} is ${actual.name} with ${describeTerms(actual)}.`,
    nextStep,
    {
      requested: { term: requested.term ?? null, billingPeriod: requested.billingPeriod ?? null },
      actual: { term: actual.term, billingPeriod: actual.billingPeriod },
    },
  );
}

/** The term or billing period that differs from the requested product; null if they agree or CMP does not state them. */
export function otherTerms(
  { term, billingPeriod }: OrderProduct,
  found: { subscriptionPeriod?: CmpPeriod | undefined; billingPeriod?: CmpPeriod | undefined },
): string | null {
  const other = (requested: Period | undefined, told: CmpPeriod | undefined, name: string) => {
    const is = told && Period.of(told.type, told.duration);
    return requested && is && !Period.equals(requested, is)
      ? [`a ${name} of ${Period.print(is)}, not ${Period.print(requested)}`]
      : [];
  };
  const differences = [
    ...other(term, found.subscriptionPeriod, 'term'),
    ...other(billingPeriod, found.billingPeriod, 'billing period'),
  ];
  return differences.length === 0 ? null : differences.join(' and ');
}
