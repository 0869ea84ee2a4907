import { storable, text, type Row } from './fields.ts';

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
