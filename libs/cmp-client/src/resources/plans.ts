import { readPlan } from '../records/plan.ts';
import type { CallOptions, PageQuery, Sender } from './sender.ts';

export class Plans {
  constructor(private readonly sender: Sender) {}

  page(query: PageQuery = {}, options?: CallOptions) {
    return this.sender.page('plans.page', '/plans', { ...query }, readPlan, options);
  }
}
