import { isDeepStrictEqual } from 'node:util';
import { productLineOf } from '../nce/product-line.ts';
import { lineKey } from '../nce/seat-lots.ts';
import type { SubscriptionLine, SubscriptionState } from './subscription-record.ts';

/** The line that is named, or the only one; none where what is named fits several, which may be of different products. */
export function lineOf(
  { lines }: SubscriptionState,
  mpn: string | undefined,
  cmpProductId?: string,
): SubscriptionLine | undefined {
  const named = (lines ?? []).filter(
    (line) =>
      (mpn === undefined || line.mpn === mpn) &&
      (cmpProductId === undefined || line.cmpProductId === cmpProductId),
  );
  return named.length === 1 ? named[0] : undefined;
}

/** The line whose rules the subscription as a whole is under: new commerce is the strictest. */
export const leadingLine = ({ lines }: SubscriptionState): SubscriptionLine | undefined =>
  lines?.find((line) => productLineOf(line) === 'nce') ?? lines?.[0];

/**
 * Lines in an order that does not depend on CMP's: those that were there keep their places, new ones follow by their ids.
 * A line is the one it was if it is equal, or else by product and vendor's id, or else by product alone: CMP may learn the
 * vendor's id later.
 */
export function inStableOrder(
  before: readonly SubscriptionLine[] | null,
  lines: readonly SubscriptionLine[],
): SubscriptionLine[] {
  const left = lines.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  const places: (SubscriptionLine | undefined)[] = (before ?? []).map(() => undefined);
  for (const same of [isDeepStrictEqual, sameLine, sameProduct])
    for (const [place, was] of (before ?? []).entries()) {
      const index = places[place] ? -1 : left.findIndex((line) => same(was, line));
      if (index >= 0) places[place] = left.splice(index, 1)[0];
    }
  return [...places.filter((line) => line !== undefined), ...left];
}

const sameProduct = (a: SubscriptionLine, b: SubscriptionLine): boolean => lineKey(a) === lineKey(b);
const sameLine = (a: SubscriptionLine, b: SubscriptionLine): boolean =>
  sameProduct(a, b) && a.vendorSubscriptionId === b.vendorSubscriptionId;

const placeOf = (line: SubscriptionLine): string =>
  JSON.stringify([lineKey(line), line.mpn, line.vendorSubscriptionId, line.seats, line.name]);
