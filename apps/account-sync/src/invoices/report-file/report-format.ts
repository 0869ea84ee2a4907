import { Decimal } from '@isthmus/domain';
import { type CellPlace, doubtfulFormat } from './report.errors.ts';

export const dateOrders = ['month-first', 'day-first'] as const;
export type DateOrder = (typeof dateOrders)[number];

/** The day that a string denotes, `YYYY-MM-DD`, for each date order under which it is valid. */
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

/** The number and date formats of a file: one each, throughout. */
export interface ReportFormat {
  decimalSeparator: DecimalSeparator;
  dateOrder: DateOrder;
}

/** The formats set for a connector; null where the file decides. */
export interface FixedFormat {
  decimalSeparator: DecimalSeparator | null;
  dateOrder: DateOrder | null;
}

export const noFixedFormat: FixedFormat = { decimalSeparator: null, dateOrder: null };

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
  resolveFormat(fixed: FixedFormat, assumed: ReportFormat): ReportFormat {
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

export const decimalSeparators = ['.', ','] as const;
export type DecimalSeparator = (typeof decimalSeparators)[number];

/** The value of a string as a plain decimal, for each decimal separator under which it is a number. */
export interface AmountReadings {
  '.'?: string;
  ','?: string;
  /**
   * The currencies that the string itself may denote: one for `12 EUR` and `€ 12`, several for `$ 12`; absent if it names none.
   */
  currencies?: readonly string[];
}

/** Longer strings are not numbers, and matching them would cost more than the rest of their file. */
const longest = 100;

const maxWhole = 20;
const maxFraction = 20;
const dollars =
  'USD AUD BBD BMD BND BSD BZD CAD FJD GYD HKD JMD KYD LRD NAD NZD SBD SGD SRD TTD TWD XCD ARS CLP COP CUP DOP MXN UYU';
/** The currencies that a sign may stand for. A sign that is missing here cannot be checked. */
const currenciesOfSign: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries({
    '€': 'EUR',
    '£': 'GBP',
    '₹': 'INR',
    $: dollars,
    US$: 'USD',
    A$: 'AUD',
    AU$: 'AUD',
    C$: 'CAD NIO',
    CA$: 'CAD',
    HK$: 'HKD',
    MX$: 'MXN',
    NT$: 'TWD',
    NZ$: 'NZD',
    R$: 'BRL',
    S$: 'SGD USD',
    '¥': 'JPY CNY',
    '￥': 'JPY CNY',
    '₩': 'KRW KPW',
    '₺': 'TRY',
    '₽': 'RUB',
    '₪': 'ILS',
    '฿': 'THB',
    '₫': 'VND',
    '₱': 'PHP',
    '₴': 'UAH',
    zł: 'PLN',
    Kč: 'CZK',
    Ft: 'HUF',
    kr: 'SEK NOK DKK ISK',
    'kr.': 'SEK NOK DKK ISK',
  }).map(([sign, codes]) => [sign, codes.split(' ')]),
);
const sign = '[A-Z]{3}|[A-Z]{0,2}\\p{Sc}|kr\\.?|zł|Kč|Ft';
const shape = new RegExp(
  `^(?<open>\\()? ?(?<minus>[-+])? ?(?<before>${sign})? ?(?<inner>[-+])? ?(?<digits>[.,]?\\d(?:[\\d.,' ]*\\d)?(?:[eE][-+]?\\d{1,3})?)` +
    ` ?(?<trailing>-)? ?(?<after>${sign})? ?(?<last>-)? ?(?<close>\\))?$`,
  'u',
);
const exponential = /^(\d+)(?:([.,])(\d+))?[eE]([-+]?\d{1,3})$/;

/** Whole digits, in groups of three or as in India; the separator of groups is the same throughout, and a group never begins with 0. */
const grouped = (group: string) =>
  `[1-9]\\d{0,2}(?:${group}\\d{3})+|[1-9]\\d?(?:${group}\\d{2})+${group}\\d{3}`;
const numberWith = (decimal: string, group: string) =>
  new RegExp(`^(\\d+|${[group, ' ', "'"].map((one) => grouped(one)).join('|')})?(?:${decimal}(\\d+))?$`);
const numbers = { '.': numberWith('\\.', ','), ',': numberWith(',', '\\.') } as const;

/**
 * Reads an amount or a quantity in the notations of users and software: `1,234.50`, `1.234,50`, `1 234,50`, `1'234.50`,
 * `(12.00)`, `12.00-`, `$ 12`, `12 EUR`, `1.2E-4`. `1.234` is a number under both separators, with a different value under each.
 * It is never converted to a float.
 */
export function readAmount(text: string): AmountReadings {
  if (text.length > longest) return {};
  const plain = text
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/[’‘´]/g, "'")
    .replace(/[\u2212\u2012\u2013]/g, '-');
  const { groups } = shape.exec(plain) ?? {};
  if (!groups || Boolean(groups.open) !== Boolean(groups.close) || (groups.before && groups.after)) return {};
  const signs = [groups.minus, groups.inner, groups.trailing, groups.last, groups.open].filter(Boolean);
  if (signs.length > 1) return {};
  const negative = signs.length > 0 && signs[0] !== '+';
  const currency = groups.before ?? groups.after;
  const readings: AmountReadings = {};
  for (const separator of decimalSeparators) {
    const value = decimalValue(groups.digits!, separator);
    if (value !== undefined) readings[separator] = negative && /[1-9]/.test(value) ? `-${value}` : value;
  }
  const currencies = currency && (/^[A-Z]{3}$/.test(currency) ? [currency] : currenciesOfSign[currency]);
  return currencies ? { ...readings, currencies } : readings;
}

/** Like `readAmount`, for a number written by a program: a cell of a workbook, a number in JSON. */
export const readExact = (text: string): string | undefined =>
  /^-?(\d|\.)/.test(text) ? readAmount(text)['.'] : undefined;

function decimalValue(digits: string, separator: DecimalSeparator): string | undefined {
  const exponent = exponential.exec(digits);
  if (exponent) {
    const [, whole = '', mark, fraction = '', power = '0'] = exponent;
    if (mark && mark !== separator) return undefined;
    return applyExponent(whole, fraction, Number(power));
  }
  const match = numbers[separator].exec(digits);
  if (!match || (match[1] === undefined && match[2] === undefined)) return undefined;
  return limitDigits((match[1] ?? '0').replace(/\D/g, ''), match[2] ?? '');
}

/** Digits beyond the last stored one are noise of the float it was: `5.551115123125783E-17`. */
function applyExponent(whole: string, fraction: string, power: number): string | undefined {
  if (!/[1-9]/.test(whole + fraction)) return '0';
  const decimals = Math.min(maxFraction, Math.max(0, fraction.length - power));
  const [before = '', after = ''] =
    Decimal.cutOff(`${whole}.${fraction || '0'}e${power}`, decimals)?.split('.') ?? [];
  return limitDigits(before, after);
}

function limitDigits(whole: string, fraction: string): string | undefined {
  const bare = whole.replace(/^0+(?=\d)/, '');
  const kept = fraction.length > maxFraction ? fraction.replace(/0+$/, '') : fraction;
  if (bare.length > maxWhole || kept.length > maxFraction) return undefined;
  return kept ? `${bare}.${kept}` : bare;
}
