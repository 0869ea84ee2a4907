import type { Period } from '@isthmus/domain';

/** The product of an order as CMP must be told it; more than the mpn, which is not unique there. */
export interface OrderProduct {
  vendor: string;
  mpn: string;
  /** CMP's id (PRD…). */
  cmpProductId?: string;
  name?: string;
  billingPeriod?: Period;
  term?: Period;
}

/** A parameter of a purchase, such as `microsoft_domain`. Names are case-sensitive at CMP. */
export interface OrderParameter {
  name: string;
  value?: string;
  structured_value?: unknown;
}

interface OfAccount {
  /** CMP's id of the customer. */
  cmpAccountId: string;
}

interface OfSubscription extends OfAccount {
  cmpSubscriptionId: string;
}

export interface CreateAsk extends OfAccount {
  kind: 'create';
  product: OrderProduct;
  seats: number;
  parameters: OrderParameter[];
}

export interface ChangeQuantityAsk extends OfSubscription {
  kind: 'change-quantity';
  product: OrderProduct;
  /** The new total, never a difference. */
  seats: number;
  when: 'now' | 'renewal';
  /** In an extended service term seats can go any day. */
  extendedTerm?: true;
}

export interface CancelAsk extends OfSubscription {
  kind: 'cancel';
}

export interface RenewalSettingAsk extends OfSubscription {
  kind: 'renewal-setting';
  autoRenew: boolean;
}

/** What somebody wants done at CMP. */
export type OrderAsk = CreateAsk | ChangeQuantityAsk | CancelAsk | RenewalSettingAsk;
export type OrderKind = OrderAsk['kind'];
export const orderKinds = [
  'create',
  'change-quantity',
  'cancel',
  'renewal-setting',
] as const satisfies readonly OrderKind[];

/**
 * Orders of one queue run one after the other: per subscription one change at a time, and per account and product one
 * purchase, so that an order that looks like another can always be told from it.
 */
export function queueOf(ask: OrderAsk): string {
  if (ask.kind !== 'create') return `subscription ${ask.cmpSubscriptionId}`;
  const { vendor, mpn, cmpProductId = '' } = ask.product;
  return `purchase ${ask.cmpAccountId} ${vendor}:${mpn} ${cmpProductId}`;
}
