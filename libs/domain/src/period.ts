import { InvalidValue } from './invalid-value.error.ts';

const letters = { day: 'D', month: 'M', year: 'Y' } as const;
const units = { D: 'day', M: 'month', Y: 'year' } as const;

/** A billing period or a term: one month, three years. */
export interface Period {
  readonly type: keyof typeof letters;
  readonly duration: number;
}

export const Period = {
  /** Reads `P1M`, `P1Y`, `P14D`. Throws {@link InvalidValue} otherwise. */
  parse(text: string): Period {
    const match = /^P([1-9]\d{0,3})([DMY])$/.exec(text.trim().toUpperCase());
    if (!match) throw new InvalidValue('period', text, 'write it as P1M, P1Y or P3Y');
    return { type: units[match[2] as keyof typeof units], duration: Number(match[1]) };
  },

  print: ({ type, duration }: Period): string => `P${duration}${letters[type]}`,

  /** Same length of time as written: twelve months are one year. */
  equals: (a: Period, b: Period): boolean => length(a) === length(b),
};

const length = ({ type, duration }: Period): string =>
  type === 'day' ? `${duration}D` : `${type === 'year' ? duration * 12 : duration}M`;
