import { readOrder, type CmpOrderStatus } from '../records/order.ts';
import { readOrderDetail, type CmpOrderDetail } from '../records/order-detail.ts';
import { readOrderEstimate, type CmpOrderEstimate } from '../records/order-estimate.ts';
import type { CmpOrderRequest } from '../records/order-request.ts';
import { writing, type CallOptions, type PageQuery, type Sender } from './sender.ts';

export interface OrderQuery extends PageQuery {
  customerId?: string;
  subscriptionId?: string;
  orderNumber?: string;
  status?: Exclude<CmpOrderStatus, 'unknown'>;
  /** ISO date-times; sent in UTC without milliseconds, which CMP does not want. */
  creationTimeFrom?: string;
  creationTimeTo?: string;
}

export interface OrderChange {
  /** `CL` withdraws an order that is still waiting. */
  statusCode?: string;
  creditCheck?: boolean;
}

export class Orders {
  constructor(private readonly sender: Sender) {}

  page(query: OrderQuery = {}, options?: CallOptions) {
    const creationTimeFrom = wholeSeconds(query.creationTimeFrom);
    const creationTimeTo = wholeSeconds(query.creationTimeTo);
    return this.sender.page(
      'orders.page',
      '/orders',
      { ...query, creationTimeFrom, creationTimeTo },
      readOrder,
      options,
    );
  }

  get(id: string, options?: CallOptions): Promise<CmpOrderDetail> {
    return this.sender.get('orders.get', `/orders/${encodeURIComponent(id)}`, readOrderDetail, options);
  }

  /** What the order would cost. Stores nothing. */
  estimate(order: CmpOrderRequest, options?: CallOptions): Promise<CmpOrderEstimate> {
    const { orderTimeoutSeconds } = this.sender.session.assumptions;
    const request = writing(
      'orders.estimate',
      'POST',
      '/orders/estimate',
      order,
      orderTimeoutSeconds,
      options,
    );
    return this.sender.one({ ...request, harmless: true }, readOrderEstimate);
  }

  /**
   * Sent once, whatever happens: CMP has no idempotency key, and a repeated order is a second subscription to pay
   * for. Its id is answered even where nothing else of the answer can be read. On any error read `outcome`; while it is `unknown`, look for the order before sending it again.
   */
  place(order: CmpOrderRequest, options?: CallOptions): Promise<CmpOrderDetail> {
    const { orderTimeoutSeconds } = this.sender.session.assumptions;
    const request = writing('orders.place', 'POST', '/orders', order, orderTimeoutSeconds, options);
    return this.sender.one({ ...request, renewed: false }, readOrderDetail);
  }

  update(id: string, change: OrderChange, options?: CallOptions): Promise<CmpOrderDetail> {
    const { orderTimeoutSeconds } = this.sender.session.assumptions;
    const path = `/orders/${encodeURIComponent(id)}`;
    return this.sender.one(
      writing('orders.update', 'PATCH', path, change, orderTimeoutSeconds, options),
      readOrderDetail,
    );
  }
}

const wholeSeconds = (time: string | undefined): string | undefined =>
  time === undefined ? undefined : new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
