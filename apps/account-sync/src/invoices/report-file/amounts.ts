import { Decimal } from '@isthmus/domain';

export const decimalSeparators = ['.', ','] as const;
export type DecimalSeparator = (typeof decimalSeparators)[number];

/** The value of a text as a plain decimal, for each decimal separator with which it is a number. */
export interface AmountReadings {
  '.'?: string;
  ','?: string;
  /** The currencies the text itself may mean: one for `12 EUR` and `€ 12`, several for `$ 12`; absent when it names none. */
  currencies?: readonly string[];
}

/** Longer texts are not numbers, and matching them would cost more than the rest of their file. */
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
 * Reads an amount or a quantity as people and programs write them: `1,234.50`, `1.234,50`, `1 234,50`, `1'234.50`, `(12.00)`, `12.00-`,
 * `$ 12`, `12 EUR`, `1.2E-4`. `1.234` is a number under both separators, and another one under each. No float is ever made of it.
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

/** The same for a number written by a program: a cell of a workbook, a number in JSON. */
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

/** Digits beyond the last that is kept are noise of the float it was: `5.551115123125783E-17`. */
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
