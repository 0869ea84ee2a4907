import type { CatalogueItem } from '../catalogue/catalogue.ts';
import { CmpRefusal } from '../wire/errors.ts';
import type { Parameter } from '../wire/simple-api.ts';

export type OrderType = 'sales' | 'change' | 'renewal' | 'cancellation';

/** A line as `GET /orders/{id}` shows it. */
export interface OrderLine {
  item: CatalogueItem;
  /** Seats bought, the signed difference of an immediate change, or the target total of a scheduled one. */
  quantity: number;
  amountCents: number;
  /** The charge type, if it is neither recurring nor its refund. */
  charge?: 'switch' | undefined;
  /** The total the subscription gets when the order is done; absent for past orders. */
  target?: number | undefined;
  subscriptionId?: string | undefined;
  parameters?: Parameter[] | undefined;
  /** The billing period that is charged. */
  from: number;
  until: number;
}

/** A request before it becomes an order; an estimate is computed from it. */
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

/** An order as the world stores it; times are milliseconds, UTC. */
export interface OrderState extends OrderDraft {
  index: number;
  id: string;
  number: string;
  createdAt: number;
  provisionedAt?: number | undefined;
  status: OrderStatus;
  statusCode: StatusCode;
  creditCheck: boolean;
  /** False for an order that will be completed and change nothing (a fault). */
  effective: boolean;
}

export type OrderStatus = 'submitted' | 'processing' | 'completed' | 'error' | 'cancelled';
export type OrderAction = 'start' | 'schedule' | 'complete' | 'fail' | 'withdraw';

/** The life of an order: what is absent is refused. A scheduled order is withdrawn by its code, see `withdrawable`. */
export const orderLifecycle = {
  submitted: { start: 'processing', schedule: 'processing', fail: 'error', withdraw: 'cancelled' },
  processing: { start: 'processing', complete: 'completed', fail: 'error', withdraw: 'cancelled' },
  completed: {},
  error: {},
  cancelled: {},
} as const satisfies Record<OrderStatus, Partial<Record<OrderAction, OrderStatus>>>;

/** CloudBlue's internal code that an action leaves on the order; `HL` is a submitted order waiting for confirmation. */
export const codeAfter = {
  start: 'LO',
  schedule: 'AS',
  complete: 'CP',
  fail: 'PF',
  withdraw: 'CL',
} as const satisfies Record<OrderAction, string>;

export type StatusCode = (typeof codeAfter)[OrderAction] | 'WP' | 'HL';

/** CMP's text after "in status": the code is part of it. */
export const statusWords: Record<StatusCode, string> = {
  WP: 'Waiting for Payment(WP)',
  HL: 'Hold(HL)',
  LO: 'Provisioning is in progress(LO)',
  AS: 'Activation is scheduled(AS)',
  CP: 'Completed(CP)',
  PF: 'Provisioning failed(PF)',
  CL: 'Cancelled(CL)',
};

/** Takes an order one step further; refuses (500) what the lifecycle does not know. */
export function moveOrder(order: OrderState, action: OrderAction): void {
  const next = (orderLifecycle[order.status] as Partial<Record<OrderAction, OrderStatus>>)[action];
  if (!next)
    throw new CmpRefusal(
      500,
      `Cannot ${action} Order #${order.number}: it is in status ${statusWords[order.statusCode]}.`,
    );
  order.status = next;
  order.statusCode = codeAfter[action];
}

const prefixes = { sales: 'SO', change: 'CH', renewal: 'RN', cancellation: 'CL' } as const satisfies Record<
  OrderType,
  string
>;

/** `CH005810`: the prefixes are CloudBlue's ("Types of Orders", billing guide), the six digits run through all types. */
export function orderNumber(type: OrderType, index: number): string {
  return prefixes[type] + String(index + 1).padStart(6, '0');
}
