import { quantity, word, type Row } from './fields.ts';

const types = new Set(['day', 'month', 'year', 'statement_day'] as const);

/** A billing period or term as CMP says it. Terms seen so far are `month` × 1, `year` × 1 and `year` × 3. */
export interface CmpPeriod {
  type: 'day' | 'month' | 'year' | 'statement_day' | 'unknown';
  duration: number;
}

export const readPeriod = (row: Row): CmpPeriod => ({
  type: word(row, 'type', types),
  duration: quantity(row, 'duration'),
});
