import Big from 'big.js';
import { InvalidValue } from './domain-error.ts';

const plain = /^-?\d{1,30}(?:\.\d{1,20})?$/;
const exponential = /^-?\d{1,100}(?:\.\d{1,100})?[eE][+-]?\d{1,9}$/;
/** Valid operands: a plain decimal, or the result of a calculation with some. */
const calculable = /^-?\d{1,60}(?:\.\d{1,60})?$/;

/**
 * A constructor with separate settings: the shared one's could be changed by any code. `strict` rejects binary numbers. Quotients
 * are truncated, never rounded, far beyond the stored decimals: they are rounded once, afterwards.
 */
const Exact = Big();
Exact.strict = true;
Exact.DP = 60;
Exact.RM = Big.roundDown;

/**
 * A decimal number in its original notation: it is never converted to a float, and no zero is lost. The arithmetic is that of
 * big.js.
 */
export const Decimal = {
  /** Whether it is a plain decimal of at most 30 digits before the point and 20 after it. */
  is: (text: string): boolean => plain.test(text),

  /**
   * The plain decimal of a number as programs write it, exactly: `12.40` unchanged, `1.2345678E7` as `12345678`, `5.0E-4` as
   * `0.0005`. Undefined for anything else, and for numbers that {@link Decimal.is} considers too long. The meaning of a
   * comma is never guessed.
   */
  read(text: string): string | undefined {
    const value = exponential.test(text) ? withoutExponent(text) : text;
    return value !== undefined && plain.test(value) ? value : undefined;
  },

  /** A number with an exponent, truncated to this many decimals. Undefined if it is not such a number. */
  cutOff(text: string, decimals: number): string | undefined {
    return exponential.test(text) ? withoutExponent(text, decimals) : undefined;
  },

  /** One notation for each value: `12.40` and `012.4` are `12.4`. */
  canonical: (value: string): string => exact(value).toFixed(),

  /** Negative, zero or positive, by value. */
  compare: (a: string, b: string): number => exact(a).cmp(exact(b)),

  /** The exact sum, with as many decimals as the longest of them. */
  sum: (values: readonly string[]): string =>
    values.reduce((sum, value) => sum.plus(exact(value)), exact('0')).toFixed(maxDecimals(values)),

  magnitude: (value: string): string =>
    exact(value)
      .abs()
      .toFixed(maxDecimals([value])),

  /** The absolute difference of two values. */
  difference: (a: string, b: string): string =>
    exact(a)
      .minus(exact(b))
      .abs()
      .toFixed(maxDecimals([a, b])),

  /** `count` times a value, exactly. */
  times: (value: string, count: number): string =>
    exact(value)
      .times(whole(count))
      .toFixed(maxDecimals([value])),

  /** A fraction of a value, rounded half away from zero, with at least as many decimals as it came with and two. */
  share(value: string, times: number, of: number): string {
    const decimals = Math.max(2, maxDecimals([value]));
    const share = exact(value).times(whole(times)).div(whole(of));
    return share.round(decimals, Big.roundHalfUp).toFixed(decimals);
  },
};

function exact(value: string): Big {
  if (!calculable.test(value)) throw new InvalidValue('decimal', value, 'use a plain decimal such as 12.40');
  return new Exact(value);
}

/** Converts to a string, because a strict constructor accepts no numbers. */
function whole(count: number): string {
  if (Number.isSafeInteger(count)) return String(count);
  throw new InvalidValue('count', String(count), 'use a whole number');
}

const maxDecimals = (values: readonly string[]): number =>
  Math.max(0, ...values.map((value) => value.split('.')[1]?.length ?? 0));

function withoutExponent(text: string, decimals?: number): string | undefined {
  const value = new Exact(text);
  // Checked before anything is printed: nine digits of exponent could mean a gigabyte of zeros.
  if (Math.abs(value.e) > 1_200) return undefined;
  // Rounded first: printing alone would leave the sign of a negative number that becomes zero.
  return (decimals === undefined ? value : value.round(decimals)).toFixed(decimals);
}

declare const brand: unique symbol;

/** Three capitals, such as `USD`. */
export type CurrencyCode = string & { readonly [brand]: 'CurrencyCode' };

/**
 * Checks the form only. Currencies are introduced (XCG in 2025) and abolished (HRK in 2023, BGN in 2026), and prices in an
 * abolished one are still prices: a list of current codes would make records unreadable on the day it is updated.
 */
const form = /^[A-Z]{3}$/;

export const CurrencyCode = {
  is: (text: string): text is CurrencyCode => form.test(text),

  /** The code, or undefined for what is not three letters. Forgives case and surrounding blanks. */
  read(text: string): CurrencyCode | undefined {
    // The form is checked before the case is changed: capitals of other letters, such as the long s, may be plain ones.
    const code = text.trim();
    return /^[A-Za-z]{3}$/.test(code) ? (code.toUpperCase() as CurrencyCode) : undefined;
  },

  /** Like {@link CurrencyCode.read}, but throws {@link InvalidValue} for an invalid code. */
  parse(text: string): CurrencyCode {
    const code = CurrencyCode.read(text);
    if (!code) throw new InvalidValue('currency code', text, 'use three letters such as USD');
    return code;
  },
};

/** An amount as a decimal string, exactly as it was given, never a float: `{ amount: '12.40', currency: 'USD' }`. */
export interface Money {
  readonly amount: string;
  readonly currency: CurrencyCode;
}

export const Money = {
  /** Throws {@link InvalidValue} when the amount is not a plain decimal or the currency not three letters. */
  of(amount: string, currency: string): Money {
    if (!Decimal.is(amount)) throw new InvalidValue('amount', amount, 'use a plain decimal such as 12.40');
    return { amount, currency: CurrencyCode.parse(currency) };
  },

  /** Reads what {@link Money.print} writes: `12.40 USD`. */
  parse(text: string): Money {
    const [amount = '', currency = '', ...rest] = text.trim().split(/\s+/);
    if (rest.length > 0) throw new InvalidValue('sum of money', text, 'write it as 12.40 USD');
    return Money.of(amount, currency);
  },

  print: ({ amount, currency }: Money): string => `${amount} ${currency}`,

  /** Negative, zero or positive, by value (`1.5` equals `1.50`). Throws {@link InvalidValue} across currencies. */
  compare(a: Money, b: Money): number {
    if (a.currency !== b.currency) {
      throw new InvalidValue(
        'comparable sum',
        Money.print(b),
        `compare it with another sum in ${b.currency}`,
      );
    }
    return Decimal.compare(a.amount, b.amount);
  },
};
