/** Millionths as a decimal: 1234500000 and 2 digits are `1234.50`. Digits beyond are cut off. */
export function printMicros(micros: bigint, digits: 2 | 6): string {
  const sign = micros < 0n ? '-' : '';
  const text = (micros < 0n ? -micros : micros).toString().padStart(7, '0');
  return `${sign}${text.slice(0, -6)}.${text.slice(-6).slice(0, digits)}`;
}

/** `1234.50` as `1,234.50`. */
export const withSeparators = (amount: string): string => {
  const [whole = '', fraction = ''] = amount.split('.');
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${fraction}`;
};
