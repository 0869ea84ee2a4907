import { Period } from '@isthmus/domain';
import { quantity, word, type Row } from './fields.ts';

const types = new Set(['day', 'month', 'year', 'statement_day'] as const);

/** A billing period or term as CMP says it. Terms seen so far are `month` × 1, `year` × 1 and `year` × 3. */
export interface CmpPeriod {
  type: 'day' | 'month' | 'year' | 'statement_day' | 'unknown';
  duration: number;
}

/** A length of nothing, of a fraction or beyond every calendar is no period: it reads as `unknown` × 0. */
export function readPeriod(row: Row): CmpPeriod {
  const type = word(row, 'type', types);
  const duration = quantity(row, 'duration');
  return Period.of('day', duration) ? { type, duration } : { type: 'unknown', duration: 0 };
}
