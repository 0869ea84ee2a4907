import { InvalidValue } from './domain-error.ts';

const plain = /^-?\d{1,30}(?:\.\d{1,20})?$/;
const exponential = /^(-?)(\d{1,60})(?:\.(\d{1,60}))?[eE]([+-]?\d{1,9})$/;

/** A decimal number in its textual form: it never becomes a float, and no zero is lost. */
export const Decimal = {
  /** Whether it is a plain decimal of at most 30 digits before the point and 20 after it. */
  is: (text: string): boolean => plain.test(text),

  /**
   * The plain decimal of a number as programs write it, exactly: `12.40` unchanged, `1.2345678E7` as `12345678`, `5.0E-4` as
   * `0.0005`. Undefined for anything else, and for numbers that {@link Decimal.is} considers too long. The meaning of a
   * comma is never guessed.
   */
  read(text: string): string | undefined {
    const match = exponential.exec(text);
    const value = match ? withoutExponent(match) : text;
    return value !== undefined && plain.test(value) ? value : undefined;
  },

  /** Negative, zero or positive, by value. Both must be plain decimals. */
  compare(a: string, b: string): number {
    const scale = Math.max(fraction(a).length, fraction(b).length);
    const difference = unscaled(a, scale) - unscaled(b, scale);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  },
};

function withoutExponent([, sign = '', whole = '', rest = '', exponent = '0']: string[]): string | undefined {
  const digits = whole + rest;
  if (!/[1-9]/.test(digits)) return '0';
  const point = whole.length + Number(exponent);
  // Checked before anything is padded: nine digits of exponent could mean a gigabyte of zeros.
  if (point > 100 || point < -100) return undefined;
  const before = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '';
  const after = point > 0 ? digits.slice(point) : digits.padStart(digits.length - point, '0');
  const value = `${before.replace(/^0+/, '') || '0'}.${after}`;
  return sign + value.replace(/\.?0*$/, '');
}

const fraction = (text: string): string => text.split('.')[1] ?? '';

const unscaled = (text: string, scale: number): bigint =>
  BigInt(text.split('.')[0] + fraction(text).padEnd(scale, '0'));

declare const brand: unique symbol;

/** Three capitals, such as `USD`. */
export type CurrencyCode = string & { readonly [brand]: 'CurrencyCode' };

/**
 * By form only. Currencies are introduced (XCG in 2025) and abolished (HRK in 2023, BGN in 2026), and prices in an abolished
 * one are still prices: a list of current codes would make records unreadable on the day it is updated.
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

  /** {@link CurrencyCode.read}; throws {@link InvalidValue} where there is none. */
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
