import type { Lane } from './budget/ledger.ts';
import { CmpSession, type CmpSessionOptions } from './call/cmp-session.ts';
import type { CmpConnection } from './call/exchange.ts';
import { Customers, Resellers } from './resources/customers.ts';
import { Orders } from './resources/orders.ts';
import { Parameters } from './resources/parameters.ts';
import { Plans, Products } from './resources/products.ts';
import { Reports } from './resources/reports.ts';
import { Sender } from './resources/sender.ts';
import { Subscriptions } from './resources/subscriptions.ts';

export interface CmpClientOptions extends CmpSessionOptions {
  /** Default `interactive`. */
  lane?: Lane;
}

/**
 * CMP's API over one connection. Every call fails with one of the four kinds of `CmpError`, or with the reason of the
 * caller's own signal. Reads are repeated after transient failures; calls that change something at CMP are not.
 */
export class CmpClient {
  readonly customers: Customers;
  readonly products: Products;
  readonly subscriptions: Subscriptions;
  readonly orders: Orders;
  readonly parameters: Parameters;
  readonly reports: Reports;
  readonly resellers: Resellers;
  readonly plans: Plans;
  /** Fetches a token unless there is a fresh one: the cheapest way to check whether CMP accepts the credentials. */
  readonly signIn: (signal?: AbortSignal) => Promise<void>;
  /** Returns a client with the same token and budget, in another lane. */
  readonly inLane: (lane: Lane) => CmpClient;

  constructor(
    connection: CmpConnection,
    options: CmpClientOptions,
    session = new CmpSession(connection, options),
  ) {
    const sender = new Sender(session, options.lane ?? 'interactive');
    // A closure rather than fields, so that no dump of a client shows its credentials.
    this.signIn = (signal) => session.signIn(signal);
    this.inLane = (lane) => new CmpClient(connection, { ...options, lane }, session);
    this.customers = new Customers(sender);
    this.products = new Products(sender);
    this.subscriptions = new Subscriptions(sender);
    this.orders = new Orders(sender);
    this.parameters = new Parameters(sender);
    this.reports = new Reports(sender);
    this.resellers = new Resellers(sender);
    this.plans = new Plans(sender);
  }
}
