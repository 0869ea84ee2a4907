import {
  id,
  list,
  optionalBoolean,
  optionalNested,
  optionalText,
  type Row,
  text,
} from '../records/fields.ts';
import { type CmpPeriod, readPeriod } from '../records/components.ts';
import type { CallOptions, PageQuery, Sender } from './sender.ts';

export class Plans {
  constructor(private readonly sender: Sender) {}

  page(query: PageQuery = {}, options?: CallOptions) {
    return this.sender.page('plans.page', '/plans', { ...query }, readPlan, options);
  }
}

/** A service plan: what one subscription is sold under. */
export interface CmpPlan {
  id: string;
  name: string;
  published?: boolean;
  subscriptionPeriods: (CmpPeriod & { trial?: boolean; active?: boolean })[];
  billingPeriod?: CmpPeriod;
  billingModel?: string;
}

export const readPlan = (row: Row): CmpPlan => ({
  id: id(row, 'id'),
  name: text(row, 'name'),
  published: optionalBoolean(row, 'published'),
  subscriptionPeriods: list(row, 'subscriptionPeriods', (period) => ({
    ...readPeriod(period),
    trial: optionalBoolean(period, 'trial'),
    active: optionalBoolean(period, 'active'),
  })),
  billingPeriod: optionalNested(row, 'billingPeriod', readPeriod),
  billingModel: optionalText(row, 'billingModel'),
});
