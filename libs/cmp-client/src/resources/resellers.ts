import { id, optionalText, type Row, text } from '../records/fields.ts';
import type { CallOptions, PageQuery, Sender } from './sender.ts';

export interface ResellerQuery extends PageQuery {
  name?: string;
  email?: string;
  externalId?: string;
}

export class Resellers {
  constructor(private readonly sender: Sender) {}

  page(query: ResellerQuery = {}, options?: CallOptions) {
    return this.sender.page('resellers.page', '/resellers', { ...query }, readReseller, options);
  }
}

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
