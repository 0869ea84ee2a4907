import { type CellPlace, doubtfulFormat } from './report.errors.ts';
import type { AmountReadings, DecimalSeparator } from './amounts.ts';

export const dateOrders = ['month-first', 'day-first'] as const;
export type DateOrder = (typeof dateOrders)[number];

/** The day a text names, `YYYY-MM-DD`, for each order under which it is one. */
export type DayReadings = Partial<Record<DateOrder, string>>;

const yearFirst = /^(\d{4})(?:-(\d{2})-(\d{2})|\/(\d{1,2})\/(\d{1,2})|\.(\d{1,2})\.(\d{1,2}))(?:$|[T ]\d)/;
const compact = /^(\d{4})(\d{2})(\d{2})$/;
const yearLast = /^(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?:$|,? \d|T\d)/;

/**
 * Reads a day and drops its time. With the year first it is the same in either order; `3/4/2026`, `3.4.2026` and `3-4-2026` are
 * another day in each.
 */
export function readDay(text: string): DayReadings {
  const first = yearFirst.exec(text) ?? compact.exec(text);
  if (first) {
    const [year, month, day] = first.slice(1).filter((part) => part !== undefined);
    const written = calendarDay(year!, month!, day!);
    return written === undefined ? {} : { 'month-first': written, 'day-first': written };
  }
  const last = yearLast.exec(text);
  if (!last) return {};
  const [, one, , other, year] = last as unknown as [string, string, string, string, string];
  const readings: DayReadings = {};
  const [monthFirst, dayFirst] = [calendarDay(year, one, other), calendarDay(year, other, one)];
  if (monthFirst) readings['month-first'] = monthFirst;
  if (dayFirst) readings['day-first'] = dayFirst;
  return readings;
}

/** Undefined for dates that do not exist, and for years that only programs use, such as 0000 and 0001. */
function calendarDay(year: string, month: string, day: string): string | undefined {
  const written = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const date = new Date(`${written}T00:00:00Z`);
  return Number(year) >= 1900 && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(written)
    ? written
    : undefined;
}

/** How a file writes its numbers and its days: one way each, throughout. */
export interface ReportFormat {
  decimalSeparator: DecimalSeparator;
  dateOrder: DateOrder;
}

/** The formats set for a connector; null where the file decides. */
export interface FixedFormat {
  decimalSeparator: DecimalSeparator | null;
  dateOrder: DateOrder | null;
}

export const nothingFixed: FixedFormat = { decimalSeparator: null, dateOrder: null };

/** Assumed until a cell shows otherwise. */
export const usualFormat: ReportFormat = { decimalSeparator: '.', dateOrder: 'month-first' };

/** The time a report covers; ISO 8601. */
export interface ReportPeriod {
  from?: string;
  until?: string;
}

const oneDay = 86_400_000;

/**
 * Determines the number format and the order of day and month from the cells of a file. A cell that can be read in only one
 * way decides; one that can be read in two different ways needs another cell that decides.
 */
export class FormatEvidence {
  readonly #amounts: Partial<Record<DecimalSeparator, CellPlace>> = {};
  readonly #days: Partial<Record<DateOrder, CellPlace>> = {};
  #openAmount?: CellPlace;
  #openDay?: CellPlace;
  /** Charge dates that differ between the two orders, and how many of them lie in the report's period with each. */
  #openChargeDays = 0;
  readonly #inPeriod: Record<DateOrder, number> = { 'month-first': 0, 'day-first': 0 };
  readonly #period: readonly [number, number];

  constructor({ from, until }: ReportPeriod = {}) {
    // A day more at both ends: the period is in UTC, the days of the file perhaps are not.
    this.#period = [Date.parse(from ?? '') - oneDay, Date.parse(until ?? '') + oneDay];
  }

  amount(readings: AmountReadings, cell: CellPlace): void {
    const { '.': point, ',': comma } = readings;
    if (point === comma) return;
    if (point !== undefined && comma !== undefined) this.#openAmount ??= cell;
    else this.#amounts[point === undefined ? ',' : '.'] ??= cell;
  }

  /** @param isCharge whether it is a day charged, which the report's period may explain */
  day(readings: DayReadings, cell: CellPlace, isCharge: boolean): void {
    const { 'month-first': month, 'day-first': day } = readings;
    if (month === day) return;
    if (month === undefined || day === undefined) {
      this.#days[month === undefined ? 'day-first' : 'month-first'] ??= cell;
      return;
    }
    this.#openDay ??= cell;
    if (!isCharge) return;
    this.#openChargeDays += 1;
    if (this.#has(month)) this.#inPeriod['month-first'] += 1;
    if (this.#has(day)) this.#inPeriod['day-first'] += 1;
  }

  /**
   * The format of the file; what no cell depends on stays as in `assumed`.
   * @throws ReportNotUsable (report.format-doubtful) when cells contradict each other, or none decides
   */
  verdict(fixed: FixedFormat, assumed: ReportFormat): ReportFormat {
    return {
      decimalSeparator: fixed.decimalSeparator ?? this.#separator() ?? assumed.decimalSeparator,
      dateOrder: fixed.dateOrder ?? this.#order() ?? assumed.dateOrder,
    };
  }

  #separator(): DecimalSeparator | undefined {
    const { '.': point, ',': comma } = this.#amounts;
    if (point && comma)
      throw doubtfulFormat('decimalSeparator', 'It uses two number formats', [point, comma]);
    if (point) return '.';
    if (comma) return ',';
    if (this.#openAmount)
      throw doubtfulFormat(
        'decimalSeparator',
        'Nothing in it shows whether the decimal separator is a point or a comma',
        [this.#openAmount],
      );
    return undefined;
  }

  #order(): DateOrder | undefined {
    const { 'month-first': month, 'day-first': day } = this.#days;
    if (month && day) throw doubtfulFormat('dateOrder', 'It uses two date formats', [month, day]);
    if (month) return 'month-first';
    if (day) return 'day-first';
    if (!this.#openDay) return undefined;
    const inPeriod = this.#inPeriod;
    const all = this.#openChargeDays;
    if (all && inPeriod['month-first'] === all && inPeriod['day-first'] === 0) return 'month-first';
    if (all && inPeriod['day-first'] === all && inPeriod['month-first'] === 0) return 'day-first';
    throw doubtfulFormat(
      'dateOrder',
      "Neither its dates nor the report's period show whether the day or the month comes first",
      [this.#openDay],
    );
  }

  #has(day: string): boolean {
    const time = Date.parse(day);
    return time >= this.#period[0] && time <= this.#period[1];
  }
}
