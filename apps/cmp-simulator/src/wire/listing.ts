import type { Slice } from '../world/rows.ts';

/** A page as CMP answers it. */
export function listing<T>(
  slice: Slice,
  total: number,
  data: T[],
): { data: T[]; pagination: Slice & { total: number } } {
  return { data, pagination: { ...slice, total } };
}
