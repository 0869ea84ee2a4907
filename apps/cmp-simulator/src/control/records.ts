import { createHash } from 'node:crypto';
import type { Account } from '../account.ts';
import type { OrderState } from '../orders/order.ts';
import { isoPeriod } from '../world/period.ts';

interface Posted {
  at: string;
  account: Account;
  correlationId: string;
  body: unknown;
  order: OrderState;
}

/** The terms of an order, in ISO 8601 periods. */
interface LedgerLine {
  mpn: string;
  /** CMP's id of the catalogue row. */
  productId: string;
  /** Seats bought, the signed difference of an immediate change, or the target of a scheduled one. */
  quantity: number;
  term: string;
  billingPeriod: string;
}

/** An order that was posted. */
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
  /** Absent for a renewal or cancellation. */
  lines: LedgerLine[];
}

/** What was ordered through the API, whether or not the response arrived: the truth to reconcile against. */
export class Ledger {
  private posted: Posted[] = [];

  record(entry: Posted): void {
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

/** One call, as it arrived, and its response; without secrets. */
export interface RequestEntry {
  sequence: number;
  /** Real time, ISO 8601 with milliseconds. */
  at: string;
  method: string;
  /** Without the marketplace prefix: `/orders/2000001`. */
  path: string;
  query: Record<string, unknown>;
  /** Marketplace code; absent when the subscription key is unknown. */
  account?: string | undefined;
  /** The first 16 hexadecimal digits of the SHA-256 of the bearer token. */
  tokenHash?: string | undefined;
  correlationId: string;
  /** Null until there is a response. */
  status: number | null;
  ms: number | null;
  /** Kinds of the faults that were applied. */
  faults: string[];
}

const keptAtMost = 200_000;

/** Every call since the start or the last clearing; the oldest are dropped when there are very many. */
export class RequestLog {
  entries: RequestEntry[] = [];
  private sequence = 0;

  open(
    entry: Pick<RequestEntry, 'method' | 'path' | 'query' | 'correlationId'> & { token?: string | undefined },
  ): RequestEntry {
    const { token, ...rest } = entry;
    const opened: RequestEntry = {
      sequence: ++this.sequence,
      at: new Date().toISOString(),
      ...rest,
      status: null,
      ms: null,
      faults: [],
    };
    if (token) opened.tokenHash = createHash('sha256').update(token).digest('hex').slice(0, 16);
    this.entries.push(opened);
    if (this.entries.length > keptAtMost) this.entries = this.entries.slice(-keptAtMost / 2);
    return opened;
  }

  clear(): void {
    this.entries = [];
  }
}
