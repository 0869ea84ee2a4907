export const dateOrders = ['month-first', 'day-first'] as const;
export type DateOrder = (typeof dateOrders)[number];

/** The day a text names, `YYYY-MM-DD`, for each order under which it is one. */
export type DayReadings = Partial<Record<DateOrder, string>>;

const yearFirst = /^(\d{4})(?:-(\d{2})-(\d{2})|\/(\d{1,2})\/(\d{1,2})|\.(\d{1,2})\.(\d{1,2}))(?:$|[T ]\d)/;
const compact = /^(\d{4})(\d{2})(\d{2})$/;
const yearLast = /^(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?:$|,? \d|T\d)/;

/**
 * Reads a day, whose time is dropped. With the year first it says the same in either order; `3/4/2026`, `3.4.2026` and `3-4-2026` are
 * another day in each.
 */
export function readDay(text: string): DayReadings {
  const first = yearFirst.exec(text) ?? compact.exec(text);
  if (first) {
    const [year, month, day] = first.slice(1).filter((part) => part !== undefined);
    const written = dayOf(year!, month!, day!);
    return written === undefined ? {} : { 'month-first': written, 'day-first': written };
  }
  const last = yearLast.exec(text);
  if (!last) return {};
  const [, one, , other, year] = last as unknown as [string, string, string, string, string];
  const readings: DayReadings = {};
  const [monthFirst, dayFirst] = [dayOf(year, one, other), dayOf(year, other, one)];
  if (monthFirst) readings['month-first'] = monthFirst;
  if (dayFirst) readings['day-first'] = dayFirst;
  return readings;
}

/** Days that no calendar has are none, nor are years that only programs know, such as 0000 and 0001. */
function dayOf(year: string, month: string, day: string): string | undefined {
  const written = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const date = new Date(`${written}T00:00:00Z`);
  return Number(year) >= 1900 && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(written)
    ? written
    : undefined;
}
