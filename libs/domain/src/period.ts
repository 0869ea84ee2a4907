import { InvalidValue } from './domain-error.ts';

const letters = { day: 'D', month: 'M', year: 'Y' } as const;
const units = { D: 'day', M: 'month', Y: 'year' } as const;

/** A billing period or a term: one month, three years. */
export interface Period {
  readonly type: keyof typeof letters;
  readonly duration: number;
}

export const Period = {
  /** The period of a kind and a length, or undefined where they are none: a length of 0 or of a fraction, a kind without a unit. */
  of: (type: string, duration: number): Period | undefined =>
    Object.hasOwn(letters, type) && Number.isInteger(duration) && duration >= 1 && duration <= 9_999
      ? { type: type as Period['type'], duration }
      : undefined,

  /** Reads `P1M`, `P1Y`, `P14D`; undefined for anything else. */
  read(text: string): Period | undefined {
    const match = /^P([1-9]\d{0,3})([DMY])$/.exec(text.trim().toUpperCase());
    return match ? { type: units[match[2] as keyof typeof units], duration: Number(match[1]) } : undefined;
  },

  /** Like {@link Period.read}, but throws {@link InvalidValue} for an invalid period. */
  parse(text: string): Period {
    const period = Period.read(text);
    if (!period) throw new InvalidValue('period', text, 'write it as P1M, P1Y or P3Y');
    return period;
  },

  print: ({ type, duration }: Period): string => `P${duration}${letters[type]}`,

  /** A kind and a length as ISO 8601, or null where they are no period, as CMP's statement days are. */
  iso(given: { type: string; duration: number } | undefined): string | null {
    const period = given && Period.of(given.type, given.duration);
    return period ? Period.print(period) : null;
  },

  /** Same length of time as written: twelve months are one year. */
  equals: (a: Period, b: Period): boolean => length(a) === length(b),
};

const length = ({ type, duration }: Period): string =>
  type === 'day' ? `${duration}D` : `${type === 'year' ? duration * 12 : duration}M`;
