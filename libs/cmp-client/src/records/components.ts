import { Period } from '@isthmus/domain';
import { quantity, storable, text, word, type Row } from './fields.ts';

const types = new Set(['day', 'month', 'year', 'statement_day'] as const);

/** A billing period or term in CMP's form. Terms observed so far are `month` × 1, `year` × 1 and `year` × 3. */
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

/** An ordering or fulfilment parameter, such as `microsoft_domain` or `ms_customer_id`. Names are case-sensitive. */
export interface CmpParameter {
  name: string;
  value?: string;
  /** For parameters that are not a text, such as an attestation. */
  structured_value?: unknown;
}

export function readParameter(row: Row): CmpParameter {
  const { value, structured_value } = row;
  const printed = value == null || typeof value === 'string' ? (value ?? undefined) : JSON.stringify(value);
  return {
    name: text(row, 'name'),
    value: printed && storable(printed),
    structured_value: structured_value ?? undefined,
  };
}
