import type { ModelOrder } from '../cmp/model-order.ts';
import type { Violation } from './violation.ts';

/** After CMP was read to its end: every order there is in the mirror, as it stands. */
export function checkMirror(
  atCmp: readonly ModelOrder[],
  mirrored: ReadonlyMap<string, { status: string }>,
): Violation[] {
  return atCmp
    .filter(({ id, status }) => mirrored.get(id)?.status !== status)
    .map(({ id, status }) => ({
      rule: 'every order is mirrored',
      detail: `order ${id} at CMP is ${status}, in the mirror ${mirrored.get(id)?.status ?? 'missing'}`,
    }));
}
