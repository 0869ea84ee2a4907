import type { Money } from '@isthmus/domain';
import {
  type CmpPeriod,
  code,
  id,
  list,
  maxNameLength,
  moneyOf,
  optionalBoolean,
  optionalId,
  optionalNested,
  optionalQuantity,
  optionalText,
  readPeriod,
  type Row,
  text,
} from '../records/fields.ts';
import type { CallOptions, PageQuery, Sender } from './sender.ts';

export interface ProductQuery extends PageQuery {
  name?: string;
  serviceName?: string;
  mpn?: string;
  vendor?: string;
}

/** The catalogue. There is no detail call: list rows are complete. */
export class Products {
  constructor(private readonly sender: Sender) {}

  page(query: ProductQuery = {}, options?: CallOptions) {
    return this.sender.page('products.page', '/products', { ...query }, readProduct, options);
  }
}

export interface CmpPrice extends Money {
  /** `recurring`, `setup` or `overuse`. */
  type?: string;
  /** `FLAT`, `TIERED` or one of the volume models. */
  model?: string;
  /** The quantity from which this tier applies. */
  lowerLimit?: number;
}

/** A product of the catalogue. An MPN alone is not unique: it occurs once per billing period and term. */
export interface CmpProduct {
  /** Its identity: CMP's id, or vendor, MPN and both periods if CMP shows none. */
  id: string;
  /** CMP's id (PRD…), to be named in orders. */
  productId?: string;
  mpn: string;
  vendor: string;
  serviceName?: string;
  name?: string;
  minimumQuantity?: number;
  maximumQuantity?: number;
  /** Prices for the customer. */
  prices: CmpPrice[];
  /** Prices for the reseller. */
  costs: CmpPrice[];
  billingPeriod?: CmpPeriod;
  subscriptionPeriod?: CmpPeriod;
  billingModel?: string;
  /** Products that CMP adds to an order automatically if they are missing. */
  dependsOn: { mpn?: string; id?: string }[];
  /** Whether its term may or must end with that of another subscription; CMP's value. */
  coterming?: { required?: string; type?: string };
}

export const readProduct = (row: Row): CmpProduct => {
  const product = withoutId(row);
  return { ...product, id: product.productId ?? distinguishingKey(product) };
};

const distinguishingKey = ({
  vendor,
  mpn,
  billingPeriod,
  subscriptionPeriod,
}: Omit<CmpProduct, 'id'>): string =>
  [
    vendor,
    mpn,
    ...[billingPeriod, subscriptionPeriod].map((it) => (it ? `${it.type}:${it.duration}` : '-')),
  ].join('/');

const withoutId = (row: Row): Omit<CmpProduct, 'id'> => ({
  productId: optionalId(row, 'id', 255),
  mpn: code(row, 'mpn'),
  vendor: code(row, 'vendor'),
  serviceName: optionalText(row, 'serviceName', 255),
  name: optionalText(row, 'name', maxNameLength),
  minimumQuantity: optionalQuantity(row, 'minimumQuantity'),
  maximumQuantity: optionalQuantity(row, 'maximumQuantity'),
  prices: list(row, 'prices', readPrice),
  costs: list(row, 'costs', readPrice),
  billingPeriod: optionalNested(row, 'billingPeriod', readPeriod),
  subscriptionPeriod: optionalNested(row, 'subscriptionPeriod', readPeriod),
  billingModel: optionalText(row, 'billingModel'),
  dependsOn: list(row, 'dependsOn', (item) => ({
    mpn: optionalText(item, 'mpn'),
    id: optionalId(item, 'id', 255),
  })),
  coterming: optionalNested(row, 'coterming', (rule) => ({
    required: optionalText(rule, 'required'),
    type: optionalText(rule, 'type'),
  })),
});

const readPrice = (row: Row): CmpPrice => ({
  ...moneyOf(row),
  type: optionalText(row, 'type', 64),
  model: optionalText(row, 'model'),
  lowerLimit: optionalQuantity(row, 'lowerLimit'),
});

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
