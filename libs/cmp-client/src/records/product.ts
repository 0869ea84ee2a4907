import type { Money } from '@isthmus/domain';
import {
  id,
  list,
  moneyOf,
  optionalId,
  optionalNested,
  optionalQuantity,
  optionalText,
  text,
  type Row,
} from './fields.ts';
import { readPeriod, type CmpPeriod } from './period.ts';

export interface CmpPrice extends Money {
  /** `recurring`, `setup` or `overuse`. */
  type?: string;
  /** `FLAT`, `TIERED` or one of the volume models. */
  model?: string;
  /** The quantity from which this tier holds. */
  lowerLimit?: number;
}

/** A product of the catalogue. An mpn alone is not unique: it comes once per billing period and term. */
export interface CmpProduct {
  id: string;
  mpn: string;
  vendor: string;
  serviceName?: string;
  name?: string;
  minimumQuantity?: number;
  maximumQuantity?: number;
  /** What the customer pays. */
  prices: CmpPrice[];
  /** What the reseller pays. */
  costs: CmpPrice[];
  billingPeriod?: CmpPeriod;
  subscriptionPeriod?: CmpPeriod;
  billingModel?: string;
  /** Products that CMP adds to an order by itself when they are missing. */
  dependsOn: { mpn?: string; id?: string }[];
}

export const readProduct = (row: Row): CmpProduct => ({
  id: id(row, 'id'),
  mpn: text(row, 'mpn'),
  vendor: text(row, 'vendor'),
  serviceName: optionalText(row, 'serviceName'),
  name: optionalText(row, 'name'),
  minimumQuantity: optionalQuantity(row, 'minimumQuantity'),
  maximumQuantity: optionalQuantity(row, 'maximumQuantity'),
  prices: list(row, 'prices', readPrice),
  costs: list(row, 'costs', readPrice),
  billingPeriod: optionalNested(row, 'billingPeriod', readPeriod),
  subscriptionPeriod: optionalNested(row, 'subscriptionPeriod', readPeriod),
  billingModel: optionalText(row, 'billingModel'),
  dependsOn: list(row, 'dependsOn', (item) => ({
    mpn: optionalText(item, 'mpn'),
    id: optionalId(item, 'id'),
  })),
});

const readPrice = (row: Row): CmpPrice => ({
  ...moneyOf(row),
  type: optionalText(row, 'type'),
  model: optionalText(row, 'model'),
  lowerLimit: optionalQuantity(row, 'lowerLimit'),
});
