const plain = /^-?\d{1,30}(?:\.\d{1,20})?$/;

/** A decimal number kept as the text it came as: no float ever touches it, and no zero is lost. */
export const Decimal = {
  is: (text: string): boolean => plain.test(text),

  /** Negative, zero or positive, by value. Both must be plain decimals. */
  compare(a: string, b: string): number {
    const scale = Math.max(fraction(a).length, fraction(b).length);
    const difference = unscaled(a, scale) - unscaled(b, scale);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  },
};

const fraction = (text: string): string => text.split('.')[1] ?? '';

const unscaled = (text: string, scale: number): bigint =>
  BigInt(text.split('.')[0] + fraction(text).padEnd(scale, '0'));
