import { DomainError } from './domain-error.ts';

const prefix = 'INGRAM';
const longest = 255;
const unprintable =
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/**
 * A product as Work 365 names it: `INGRAM:vendorID:mpn`. The mpn may hold colons (`CFQ7TTC0LH16:0001`), the vendor id may not.
 * Whether `_ANNUAL` or `_MONTHLY` at the end belongs to the mpn depends on CMP's catalogue, so it stays in the mpn here.
 * Source: Work 365, Ingram provider integration, "Products for IngramMicro".
 */
export interface PartNumber {
  readonly vendor: string;
  readonly mpn: string;
}

export const PartNumber = {
  /**
   * Ignores the prefix's case and blanks around the string and its parts; preserves the case of vendor and mpn.
   * @throws InvalidPartNumber
   */
  parse(text: string): PartNumber {
    const control = unprintable.exec(text.trim());
    if (control) {
      const position = text.indexOf(text.trim()) + control.index + 1;
      throw new InvalidPartNumber(text, position, 'it contains a character that cannot be printed');
    }
    const first = text.indexOf(':');
    const second = text.indexOf(':', first + 1);
    const start = text.search(/\S/) + 1;
    if (start === 0) throw new InvalidPartNumber(text, 1, 'it is empty');
    const head = first < 0 ? text : text.slice(0, first);
    if (head.trim().toUpperCase() !== prefix) {
      throw new InvalidPartNumber(text, start, `it does not start with ${prefix}:`);
    }
    if (first < 0) throw new InvalidPartNumber(text, text.length + 1, 'vendor id and mpn are missing');
    if (second < 0) throw new InvalidPartNumber(text, text.length + 1, 'the mpn is missing');
    const vendor = part(text, first + 1, second, 'vendor id');
    return { vendor, mpn: part(text, second + 1, text.length, 'mpn') };
  },

  /** The part number of a product of CMP. @throws InvalidPartNumber when vendor or mpn cannot stand in one */
  of(vendor: string, mpn: string): PartNumber {
    const made = { vendor, mpn };
    const read = PartNumber.parse(PartNumber.print(made));
    if (read.vendor === vendor && read.mpn === mpn) return made;
    const at = [...PartNumber.print(made)].findIndex((char, index) => char !== PartNumber.print(read)[index]);
    throw new InvalidPartNumber(
      PartNumber.print(made),
      at < 0 ? PartNumber.print(made).length : at + 1,
      'vendor id or mpn has blanks around it, or the vendor id a colon,',
    );
  },

  print: ({ vendor, mpn }: PartNumber): string => `${prefix}:${vendor}:${mpn}`,

  /** Two part numbers with the same key denote the same product for a user who types them. */
  key: (partNumber: PartNumber): string => matchKey(PartNumber.print(partNumber)),

  equals: (a: PartNumber, b: PartNumber): boolean => PartNumber.key(a) === PartNumber.key(b),

  /** Order by key: negative, zero or positive. */
  compare(a: PartNumber, b: PartNumber): number {
    const [left, right] = [PartNumber.key(a), PartNumber.key(b)];
    return left < right ? -1 : left > right ? 1 : 0;
  },
};

/** A vendor id or mpn in the form in which it is looked up: without case. Up, then down, as that alone folds ß with SS. */
export const matchKey = (text: string): string => text.trim().toUpperCase().toLowerCase();

function part(text: string, from: number, to: number, what: string): string {
  const value = text.slice(from, to).trim();
  if (!value) throw new InvalidPartNumber(text, from + 1, `the ${what} is empty`);
  if (value.length > longest) {
    throw new InvalidPartNumber(text, from + longest + 1, `the ${what} is longer than ${longest} characters`);
  }
  return value;
}

/** An invalid part number. `position` is the 1-based character position in the original string. */
export class InvalidPartNumber extends DomainError {
  static override readonly code = 'part-number.invalid';

  constructor(
    readonly text: string,
    readonly position: number,
    readonly problem: string,
  ) {
    super(
      `${JSON.stringify(text.slice(0, 80))} is not a part number: ${problem} at position ${position}. ` +
        'Write it as INGRAM:vendorID:mpn.',
    );
  }
}

/** The end of some legacy part numbers, and the billing period it stands for. */
const periods = { _ANNUAL: 'P1Y', _MONTHLY: 'P1M' } as const;

export interface PeriodSuffix {
  /** The mpn without the suffix. */
  stem: string;
  billingPeriod: (typeof periods)[keyof typeof periods];
}

/**
 * Reads `…_ANNUAL` and `…_MONTHLY`, in any case; undefined without one. Only the catalogue shows whether CMP's own mpn has it too.
 * Source: Work 365, Ingram provider integration, "Products for IngramMicro".
 */
export function periodSuffix(mpn: string): PeriodSuffix | undefined {
  const match = /^(.+)(_ANNUAL|_MONTHLY)$/is.exec(mpn);
  if (!match) return undefined;
  return { stem: match[1]!, billingPeriod: periods[match[2]!.toUpperCase() as keyof typeof periods] };
}
