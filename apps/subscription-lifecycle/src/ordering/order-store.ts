import type { OrderRecord } from '../domain/order/order-record.ts';
import type { SeenOrder } from '../domain/order/seen-order.ts';
import type { HeldOrder } from './held-order.ts';

/** Where orders are kept between steps. All times are the store's. */
export interface OrderStore {
  /** Takes an order whose step is due, for as long as the lease lasts; nothing when none is. */
  claimDue(worker: string): Promise<HeldOrder | null>;
  /**
   * Stores what a step made of the order, with its history and its event, in one transaction.
   * @throws LeaseLost when somebody else has taken or changed the order meanwhile; nothing is stored then
   */
  save(held: HeldOrder, next: OrderRecord, more?: SaveMore): Promise<HeldOrder>;
  /** Lets go of an order that is to be taken again when its next step is due. */
  release(held: HeldOrder): Promise<void>;
  /** Keeps what was heard from CMP about an order that is another worker's by now; needs no lease. */
  noteLateAnswer(orderId: string, answer: SeenOrder): Promise<void>;
}

export interface SaveMore {
  /** How long CMP took to show the order; ms. */
  shownAfter?: number | undefined;
}
