/** A span as CMP writes it; `type` is only ever month or year in the worlds we build. */
export interface Period {
  type: 'month' | 'year';
  duration: number;
}

const day = 86_400_000;

export function toMonths(period: Period): number {
  return period.type === 'year' ? period.duration * 12 : period.duration;
}

/** As ISO 8601 writes it: P1M, P3Y. */
export const isoPeriod = ({ type, duration }: Period): string => `P${duration}${type === 'year' ? 'Y' : 'M'}`;

/** Moves an instant by whole calendar months in UTC; a day that the month lacks becomes its last day. */
export function addMonths(at: number, months: number): number {
  const time = ((at % day) + day) % day;
  const { monthIndex, dayOfMonth } = toCalendar((at - time) / day);
  const target = monthIndex + months;
  const first = firstDayInMonth(target);
  return (first + Math.min(dayOfMonth, firstDayInMonth(target + 1) - first) - 1) * day + time;
}

export function addPeriod(at: number, period: Period, times = 1): number {
  return addMonths(at, toMonths(period) * times);
}

export function samePeriod(a: Period, b: { type?: string; duration?: number }): boolean {
  return a.type === b.type && a.duration === b.duration;
}

// Whole numbers instead of Date objects: a large world does this millions of times while it is built.
// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": civil_from_days and days_from_civil.
function toCalendar(dayNumber: number): { monthIndex: number; dayOfMonth: number } {
  const shifted = dayNumber + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const years = (dayOfEra - div(dayOfEra, 1460) + div(dayOfEra, 36_524) - div(dayOfEra, 146_096)) / 365;
  const yearOfEra = Math.floor(years);
  const dayOfYear = dayOfEra - (365 * yearOfEra + div(yearOfEra, 4) - div(yearOfEra, 100));
  const marchMonth = div(5 * dayOfYear + 2, 153);
  const dayOfMonth = dayOfYear - div(153 * marchMonth + 2, 5) + 1;
  return { monthIndex: (yearOfEra + era * 400) * 12 + marchMonth + 2, dayOfMonth };
}

/** The day number of the first of a month; months are counted from January of year 0. */
function firstDayInMonth(monthIndex: number): number {
  const marchBased = monthIndex - 2;
  const year = Math.floor(marchBased / 12);
  const era = Math.floor(year / 400);
  const yearOfEra = year - era * 400;
  const dayOfYear = div(153 * (marchBased - year * 12) + 2, 5);
  return era * 146_097 + yearOfEra * 365 + div(yearOfEra, 4) - div(yearOfEra, 100) + dayOfYear - 719_468;
}

function div(a: number, b: number): number {
  return Math.floor(a / b);
}
