import { id, optionalText, text, type Row } from './fields.ts';

/** The calling reseller or one below it. */
export interface CmpReseller {
  id: string;
  name: string;
  externalId?: string;
  status?: string;
  currency?: string;
}

export const readReseller = (row: Row): CmpReseller => ({
  id: id(row, 'id'),
  name: text(row, 'name'),
  externalId: optionalText(row, 'externalId'),
  status: optionalText(row, 'status'),
  currency: optionalText(row, 'currency'),
});
