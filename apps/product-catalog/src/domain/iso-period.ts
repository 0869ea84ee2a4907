import { Period } from '@isthmus/domain';

/** CMP's period as ISO 8601, or null for those that have no such form (statement days, fractions, unknown). */
export function isoPeriodOf(told: { type: string; duration: number } | undefined): string | null {
  const period = told && Period.of(told.type, told.duration);
  return period ? Period.print(period) : null;
}

/** Whether two periods are equally long; twelve months are a year. What is no period is like nothing but itself. */
export function samePeriod(a: string, b: string): boolean {
  if (a === b) return true;
  const [one, other] = [Period.read(a), Period.read(b)];
  return one !== undefined && other !== undefined && Period.equals(one, other);
}
