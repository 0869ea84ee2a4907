import type { OrderStatus, StatusCode } from '../rules/order-lifecycle.ts';
import type { Parameter } from '../wire/simple-api.ts';
import type { CatalogueItem } from './catalogue-item.ts';

export type OrderType = 'sales' | 'change' | 'renewal' | 'cancellation';

/** A line as `GET /orders/{id}` tells it. */
export interface OrderLine {
  item: CatalogueItem;
  /** Seats bought, the signed difference of an immediate change, or the target total of a scheduled one. */
  quantity: number;
  amountCents: number;
  /** The word for the charge, where it is neither recurring nor its refund. */
  charge?: 'switch' | undefined;
  /** The total the subscription gets when the order is done; absent for past orders. */
  target?: number | undefined;
  subscriptionId?: string | undefined;
  parameters?: Parameter[] | undefined;
  /** The billing period that is charged. */
  from: number;
  until: number;
}

/** What a request amounts to before it is an order; an estimate is answered from it. */
export interface OrderDraft {
  type: OrderType;
  customerId: string;
  subscriptionId?: string | undefined;
  poNumber?: string | undefined;
  attributes: Record<string, string>;
  scheduledOn?: string | undefined;
  lines: OrderLine[];
  totalCents: number;
}

/** An order as the world keeps it; instants are milliseconds, UTC. */
export interface OrderState extends OrderDraft {
  index: number;
  id: string;
  number: string;
  createdAt: number;
  provisionedAt?: number | undefined;
  status: OrderStatus;
  statusCode: StatusCode;
  creditCheck: boolean;
  /** False for an order that will say completed and change nothing (a fault). */
  effective: boolean;
}
