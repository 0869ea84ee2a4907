import { matchKey, periodSuffix } from '@isthmus/domain';

export type MpnLikeness = 'same-mpn' | 'same-mpn-stem' | 'same-mpn-squeezed' | 'same-mpn-family' | 'mpn-typo';

/** An mpn as people copy it: without punctuation and without a period suffix, O for 0 and I for 1. */
export function squeezeMpn(mpn: string): string {
  const stem = periodSuffix(mpn)?.stem ?? mpn;
  return matchKey(stem)
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replaceAll('o', '0')
    .replace(/[il]/g, '1');
}

/** In what two mpns are alike, the strongest likeness only. */
export function mpnLikeness(a: string, b: string): MpnLikeness | undefined {
  if (matchKey(a) === matchKey(b)) return 'same-mpn';
  if (stemOf(a) === stemOf(b)) return 'same-mpn-stem';
  const [left, right] = [squeezeMpn(a), squeezeMpn(b)];
  if (left === right && left.length >= 6) return 'same-mpn-squeezed';
  if (familyOf(a) !== undefined && familyOf(a) === familyOf(b)) return 'same-mpn-family';
  return left.length >= 8 && oneEditApart(left, right) ? 'mpn-typo' : undefined;
}

const stemOf = (mpn: string) => matchKey(periodSuffix(mpn)?.stem ?? mpn);

/** Microsoft's product id, of `CFQ7TTC0LH16:0001`; the rest tells the SKU. */
const familyOf = (mpn: string) => /^(cfq7ttc0[0-9a-z]{4}):/.exec(matchKey(mpn))?.[1];

function oneEditApart(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let from = 0;
  while (from < a.length && a[from] === b[from]) from += 1;
  const [shorter, longer] = a.length <= b.length ? [a, b] : [b, a];
  const rest = longer.slice(from + 1);
  return rest === shorter.slice(from) || rest === shorter.slice(from + 1);
}
