import { Period } from '@isthmus/domain';

const types: readonly string[] = ['day', 'month', 'year'];

/** CMP's period as ISO 8601, or null for those that have no such form (statement days, unknown). */
export function isoPeriodOf(period: { type: string; duration: number } | undefined): string | null {
  if (!period || !types.includes(period.type) || !(period.duration > 0)) return null;
  return Period.print({ type: period.type as Period['type'], duration: period.duration });
}

/** Whether two periods are equally long; twelve months are a year. */
export const samePeriod = (a: string, b: string): boolean =>
  a === b || Period.equals(Period.parse(a), Period.parse(b));
