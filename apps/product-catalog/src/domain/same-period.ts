import { Period } from '@isthmus/domain';

/** Whether two periods are equally long; twelve months are a year. What is no period is like nothing but itself. */
export function samePeriod(a: string, b: string): boolean {
  if (a === b) return true;
  const [one, other] = [Period.read(a), Period.read(b)];
  return one !== undefined && other !== undefined && Period.equals(one, other);
}
