import type { ModelOrder } from '../cmp/model-order.ts';
import type { OddRecords } from '../mirror/odd-records.ts';
import { oddRule } from './check-subscriptions.ts';
import type { Violation } from './violation.ts';

/** After CMP was read to its end: every order there that can be read is in the mirror, as it stands. */
export function checkMirror(
  atCmp: readonly ModelOrder[],
  mirrored: ReadonlyMap<string, { status: string }>,
  odd: OddRecords,
): Violation[] {
  return atCmp
    .filter(({ id, status }) => mirrored.get(id)?.status !== status && !odd.isOdd(id))
    .map(({ id, status }) => ({
      rule: odd.any ? oddRule : 'every order is mirrored',
      detail: `order ${id} at CMP is ${status}, in the mirror ${mirrored.get(id)?.status ?? 'missing'}`,
    }));
}
