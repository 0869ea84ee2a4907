import type { CmpPeriod } from '@isthmus/cmp-client';
import { Period } from '@isthmus/domain';
import { OrderRefused } from '../order.errors.ts';
import type { OrderProduct, Terms } from '../order.ts';

const facts = ['term', 'billingPeriod'] as const;
const names = { term: 'term', billingPeriod: 'billing period' } as const;

/** A requested period in CMP's form: whole years are years, not months. */
export function requestedPeriod(iso: string | undefined): Period | undefined {
  const period = iso ? Period.parse(iso) : undefined;
  return period?.type === 'month' && period.duration % 12 === 0
    ? { type: 'year', duration: period.duration / 12 }
    : period;
}

/** For people: `1 year (P1Y)`. */
export function describePeriod(iso: string): string {
  const { type, duration } = Period.parse(iso);
  return `${duration} ${type}${duration === 1 ? '' : 's'} (${iso})`;
}

/** For people: `a term of 1 year (P1Y) and a billing period of 1 month (P1M)`. */
export function describeTerms({ term, billingPeriod }: Terms): string {
  const parts = [
    term === null ? 'no known term' : `a term of ${describePeriod(term)}`,
    billingPeriod === null ? null : `a billing period of ${describePeriod(billingPeriod)}`,
  ];
  return parts.filter((part) => part !== null).join(' and ');
}

/** The requested facts that are known to differ. Twelve months are one year. */
export const differingTerms = (
  asked: Partial<Terms>,
  actual: Terms,
  alsoDiffers: readonly (keyof Terms)[] = [],
): (keyof Terms)[] =>
  facts.filter((fact) => {
    const [wanted, is] = [asked[fact], actual[fact]];
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
  asked: Partial<Terms>,
  actual: Terms & { name: string },
  what: string,
  nextStep: string,
  alsoDiffers?: readonly (keyof Terms)[],
): void {
  const differs = differingTerms(asked, actual, alsoDiffers);
  if (differs.length === 0) return;
  const wanted = differs.map((fact) => `a ${names[fact]} of ${describePeriod(asked[fact]!)}`).join(' and ');
  throw new OrderRefused(
    'term-differs',
    `The order specifies ${wanted}, but ${what} is ${actual.name} with ${describeTerms(actual)}.`,
    nextStep,
    {
      asked: { term: asked.term ?? null, billingPeriod: asked.billingPeriod ?? null },
      actual: { term: actual.term, billingPeriod: actual.billingPeriod },
    },
  );
}

/** The term or billing period that differs from the requested product; null if they agree or CMP does not state them. */
export function otherTerms(
  { term, billingPeriod }: OrderProduct,
  found: { subscriptionPeriod?: CmpPeriod | undefined; billingPeriod?: CmpPeriod | undefined },
): string | null {
  const other = (asked: Period | undefined, told: CmpPeriod | undefined, name: string) => {
    const is = told && Period.of(told.type, told.duration);
    return asked && is && !Period.equals(asked, is)
      ? [`a ${name} of ${Period.print(is)}, not ${Period.print(asked)}`]
      : [];
  };
  const differences = [
    ...other(term, found.subscriptionPeriod, 'term'),
    ...other(billingPeriod, found.billingPeriod, 'billing period'),
  ];
  return differences.length === 0 ? null : differences.join(' and ');
}
