/** A span as CMP writes it; `type` is only ever month or year in the worlds we build. */
export interface Period {
  type: 'month' | 'year';
  duration: number;
}

export function monthsOf(period: Period): number {
  return period.type === 'year' ? period.duration * 12 : period.duration;
}

/** Moves an instant by whole calendar months in UTC; a day that the month lacks becomes its last day. */
export function addMonths(at: number, months: number): number {
  const date = new Date(at);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return date.getTime();
}

export function addPeriod(at: number, period: Period, times = 1): number {
  return addMonths(at, monthsOf(period) * times);
}

export function samePeriod(a: Period, b: { type?: string; duration?: number }): boolean {
  return a.type === b.type && a.duration === b.duration;
}
