import { productLineOf } from '../nce/product-line.ts';
import type { SubscriptionLine, SubscriptionState } from './subscription-record.ts';

/** The line that is named, or the only one. */
export function lineOf({ lines }: SubscriptionState, mpn: string | undefined): SubscriptionLine | undefined {
  if (mpn !== undefined) return lines?.find((line) => line.mpn === mpn);
  return lines?.length === 1 ? lines[0] : undefined;
}

/** The line whose rules the subscription as a whole is under: new commerce is the strictest. */
export const leadingLine = ({ lines }: SubscriptionState): SubscriptionLine | undefined =>
  lines?.find((line) => productLineOf(line) === 'nce') ?? lines?.[0];
