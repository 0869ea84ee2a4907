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
