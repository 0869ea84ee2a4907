const plain = /^\d{1,30}(\.\d{1,20})?$/;

/**
 * Reads an amount or a quantity as people and programs write them, as a plain decimal; undefined when it is none. `1,234.50`,
 * `1.234,50`, `(12.00)`, `12.00-`, `$ 12`, `12 EUR`, `1.2E-4`. A comma alone stands before groups of three, or else before the fraction:
 * `1,234` is one thousand two hundred and thirty-four, `12,5` is twelve and a half. No float is ever made of it.
 */
export function parseAmount(text: string): string | undefined {
  const bare = text
    .replace(/[\s\u00a0\u202f'’]/g, '')
    .replace(/^([($+-]*)(?:[A-Z]{3}|[$€£¥])|(?:[A-Z]{3}|[$€£¥])([)-]?)$/g, '$1$2')
    .replace(/^\$|^\+/, '');
  const negative = /^-|^\(.*\)$|-$/.test(bare);
  const digits = bare.replace(/^-|-$/g, '').replace(/^\((.*)\)$/, '$1');
  const value = withoutExponent(withPoint(digits));
  if (value === undefined || !plain.test(value)) return undefined;
  return negative && /[1-9]/.test(value) ? `-${value}` : value;
}

function withPoint(digits: string): string {
  const [comma, point] = [digits.lastIndexOf(','), digits.lastIndexOf('.')];
  if (comma < 0) return /^\d{1,3}(\.\d{3}){2,}$/.test(digits) ? digits.replaceAll('.', '') : digits;
  if (point > comma) return /^\d{1,3}(,\d{3})+\./.test(digits) ? digits.replaceAll(',', '') : '';
  if (point >= 0)
    return /^\d{1,3}(\.\d{3})+,/.test(digits) ? digits.replaceAll('.', '').replace(',', '.') : '';
  return /^\d{1,3}(,\d{3})+$/.test(digits) ? digits.replaceAll(',', '') : digits.replace(',', '.');
}

function withoutExponent(text: string): string | undefined {
  const match = /^(\d+)(?:\.(\d+))?[eE]([+-]?\d{1,2})$/.exec(text);
  if (!match) return /^\.\d/.test(text) ? `0${text}` : text;
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const at = whole.length + Number(exponent);
  const digits = whole + fraction;
  if (at <= 0) return `0.${'0'.repeat(-at)}${digits}`;
  return at >= digits.length ? digits.padEnd(at, '0') : `${digits.slice(0, at)}.${digits.slice(at)}`;
}
