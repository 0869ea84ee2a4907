import type { Account } from '../account.ts';
import { isoPeriod } from '../world/period.ts';
import type { OrderState } from '../orders/order.ts';

interface Posted {
  at: string;
  account: Account;
  correlationId: string;
  body: unknown;
  order: OrderState;
}

/** What an order is about, in ISO 8601 periods. */
export interface LedgerLine {
  mpn: string;
  /** CMP's id of the catalogue row. */
  productId: string;
  /** Seats bought, the signed difference of an immediate change, or the target of a scheduled one. */
  quantity: number;
  term: string;
  billingPeriod: string;
}

/** An order that exists because somebody posted it. */
export interface LedgerEntry {
  /** World time of the placement, ISO 8601. */
  at: string;
  /** Marketplace code. */
  account: string;
  username: string;
  correlationId: string;
  body: unknown;
  orderId: string;
  orderNumber: string;
  type: string;
  poNumber?: string | undefined;
  status: string;
  statusCode: string;
  customerId: string;
  /** The subscription changed or brought about; absent while a purchase has not begun. */
  subscriptionId?: string | undefined;
  /** None of a renewal or cancellation. */
  lines: LedgerLine[];
}

/** What was ordered through the API, whether or not the answer arrived: the truth to reconcile against. */
export class Ledger {
  private posted: Posted[] = [];

  note(entry: Posted): void {
    this.posted.push(entry);
  }

  forget(account: Account): void {
    this.posted = this.posted.filter((entry) => entry.account !== account);
  }

  entries(): LedgerEntry[] {
    return this.posted.map(({ at, account, correlationId, body, order }) => ({
      at,
      account: account.options.marketplace,
      username: account.options.username,
      correlationId,
      body,
      orderId: order.id,
      orderNumber: order.number,
      type: order.type,
      poNumber: order.poNumber,
      status: order.status,
      statusCode: order.statusCode,
      customerId: order.customerId,
      subscriptionId: order.subscriptionId,
      lines: order.lines.map(({ item, quantity }) => ({
        mpn: item.mpn,
        productId: item.id,
        quantity,
        term: isoPeriod(item.term),
        billingPeriod: isoPeriod(item.billing),
      })),
    }));
  }
}
