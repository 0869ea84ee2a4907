import { readSubscription } from '../records/subscription.ts';
import type { CmpSubscriptionStatus } from '../records/subscription.ts';
import { readSubscriptionDetail, type CmpSubscriptionDetail } from '../records/subscription-detail.ts';
import { writing, type CallOptions, type PageQuery, type Sender } from './sender.ts';

export interface SubscriptionQuery extends PageQuery {
  customerId?: string;
  /** One only: CMP refuses a list. */
  status?: CmpSubscriptionStatus;
  /** `YYYY-MM-DD`. */
  creationDateFrom?: string;
  creationDateTo?: string;
}

export interface SubscriptionChange {
  /** Whether it renews by itself. */
  renewalStatus?: boolean;
  attributes?: Record<string, string>;
}

export class Subscriptions {
  constructor(private readonly sender: Sender) {}

  page(query: SubscriptionQuery = {}, options?: CallOptions) {
    return this.sender.page('subscriptions.page', '/subscriptions', { ...query }, readSubscription, options);
  }

  get(id: string, options?: CallOptions): Promise<CmpSubscriptionDetail> {
    const path = `/subscriptions/${encodeURIComponent(id)}`;
    return this.sender.get('subscriptions.get', path, readSubscriptionDetail, options);
  }

  /** Seats cannot be changed here, only by a change order. */
  update(id: string, change: SubscriptionChange, options?: CallOptions): Promise<CmpSubscriptionDetail> {
    const { writeTimeoutSeconds } = this.sender.session.assumptions;
    const path = `/subscriptions/${encodeURIComponent(id)}`;
    return this.sender.one(
      writing('subscriptions.update', 'PATCH', path, change, writeTimeoutSeconds, options),
      readSubscriptionDetail,
    );
  }
}
