import { id, list, optionalBoolean, optionalNested, optionalText, text, type Row } from './fields.ts';
import { readPeriod, type CmpPeriod } from './period.ts';

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
