import { readReseller } from '../records/reseller.ts';
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
