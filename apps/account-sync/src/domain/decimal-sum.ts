const scaleOf = (text: string): number => text.split('.')[1]?.length ?? 0;

const unscaled = (text: string, scale: number): bigint => {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(scale, '0'));
};

function printed(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const text = scale ? `${digits.slice(0, -scale)}.${digits.slice(-scale)}` : digits;
  return value < 0n ? `-${text}` : text;
}

/** The exact sum of plain decimals, with as many digits after the point as the longest of them. */
export function sumOf(values: readonly string[]): string {
  const scale = Math.max(0, ...values.map(scaleOf));
  return printed(
    values.reduce((sum, value) => sum + unscaled(value, scale), 0n),
    scale,
  );
}

/** How far two plain decimals are apart; never negative. */
export const distance = (a: string, b: string): string =>
  sumOf([a, b.startsWith('-') ? b.slice(1) : `-${b}`]).replace('-', '');

/** `count` times a plain decimal. */
export const times = (value: string, count: number): string => {
  const scale = scaleOf(value);
  return printed(unscaled(value, scale) * BigInt(count), scale);
};

/** One text for each value: `12.40` and `012.4` are `12.4`. */
export function canonical(value: string): string {
  const negative = value.startsWith('-');
  const [whole = '', fraction = ''] = value.replace('-', '').split('.');
  const end = fraction.replace(/0+$/, '');
  const text = (whole.replace(/^0+(?=\d)/, '') || '0') + (end && `.${end}`);
  return negative && text !== '0' ? `-${text}` : text;
}
