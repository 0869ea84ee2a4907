import type { CmpClient, CmpOrderDetail, CmpOrderRequest, ListPage } from '@isthmus/cmp-client';
import type { Clock } from '@isthmus/domain';
import type { CmpOrdering } from '@isthmus/subscription-lifecycle/orders/protocol/order-at-cmp.ts';
import type { Random } from '../world/random.ts';
import {
  broken,
  business,
  drawPlaceFault,
  gateway,
  internalError,
  lost,
  notFound,
  notSent,
  throttled,
} from './cmp-faults.ts';
import { type Course, type ModelCmp, ModelRefusal } from './model-cmp.ts';
import {
  type ModelOrder,
  type ModelSubscription,
  orderDetail,
  orderRow,
  subscriptionDetail,
  subscriptionRow,
} from './model-records.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** An order that CMP took because somebody posted it, whether or not the answer arrived. */
export interface LedgerEntry {
  order: ModelOrder;
  at: number;
  /** Infinity: nobody ever confirms it in the portal. */
  takes: number;
}

export interface SimulatedCmp extends CmpOrdering {
  subscriptions: CmpOrdering['subscriptions'] & Pick<CmpClient['subscriptions'], 'page'>;
  ledger: readonly LedgerEntry[];
}

/** CMP over a bad line: the model behind latency and faults, seen through the client's own methods and errors. */
export function simulatedCmp(model: ModelCmp, clock: Clock, random: Random): SimulatedCmp {
  const ledger: LedgerEntry[] = [];
  const accept = (request: CmpOrderRequest): ModelOrder => {
    const course = courseOf(random);
    const order = model.place(request, course);
    ledger.push({ order, at: clock.now(), takes: course.takes });
    return order;
  };

  const answers = async (
    request: CmpOrderRequest,
    signal: AbortSignal | undefined,
  ): Promise<CmpOrderDetail> => {
    const fault = drawPlaceFault(random);
    const wait = (most: number) => clock.sleep(random.between(20, most), signal);
    if (fault === 'not-sent') throw notSent('orders.place');
    if (fault === 'throttled') throw throttled('orders.place', random.between(5, 300));
    // The token, the call budget and the way there.
    await wait(random.chance(0.1) ? 25 * second : second);
    switch (fault) {
      case 'lost-before':
        await wait(minute);
        throw lost('orders.place');
      case 'gateway-before':
        await wait(minute);
        throw gateway('orders.place');
      case 'late-accept':
        model.at(clock.now() + random.between(5 * second, 25 * minute), () => lateAccept(request));
        await wait(minute);
        throw gateway('orders.place');
      case 'hangs-unaccepted':
        return clock.sleep(1e9, signal) as never;
      case 'refused':
        throw business('orders.place', 'Cannot Upgrade/Downgrade Resources: the account is on hold.');
      case 'refused-in-new-words':
        throw business('orders.place', 'The account is not in good standing.');
      case 'refused-clearly':
        throw business('orders.place', 'The credit limit of the account is exceeded.');
      default: {
        const order = accept(request);
        if (fault === 'hangs-accepted') return clock.sleep(1e9, signal) as never;
        await wait(fault === 'slow' ? 110 * second : 5 * second);
        throwAfterAccepting(fault);
        return orderDetail(order);
      }
    }
  };
  const lateAccept = (request: CmpOrderRequest) => {
    try {
      accept(request);
    } catch (error) {
      if (!(error instanceof ModelRefusal)) throw error;
    }
  };

  const reads = simulatedReads(model, clock, random);
  return {
    ...reads,
    ledger,
    orders: {
      ...reads.orders,
      async place(request, { signal } = {}) {
        try {
          signal?.throwIfAborted();
          return await answers(request, signal);
        } catch (error) {
          if (error instanceof ModelRefusal) throw business('orders.place', error.message);
          throw error;
        }
      },
    },
  };
}

function throwAfterAccepting(fault: string): void {
  if (fault === 'accepted-lost') throw lost('orders.place');
  if (fault === 'accepted-gateway') throw gateway('orders.place');
  if (fault === 'accepted-500') throw internalError('orders.place');
  if (fault === 'accepted-500-in-words')
    throw business('orders.place', 'Something about the account went wrong.');
  if (fault === 'accepted-500-as-refused')
    throw business('orders.place', 'Cannot process: the window of 168 hours has expired.');
  if (fault === 'accepted-broken') throw broken('orders.place');
}

/** Most take seconds or minutes, some a day in the portal, a few for ever; a few fail, a few lie. */
function courseOf(random: Random): Course {
  const roll = random.next();
  const fate = roll < 0.03 ? 'error' : roll < 0.037 ? 'no-effect' : roll < 0.04 ? 'other-effect' : 'effect';
  if (random.chance(0.004)) return { takes: Infinity, fate };
  const takes = random.chance(0.06)
    ? random.between(60, 2 * 24 * 60) * minute
    : random.between(2, random.chance(0.3) ? 1800 : 60) * second;
  return { takes, fate };
}

/** Everything but placing: reads that fail, lists that shift and lag, and the two updates that may be repeated. */
export function simulatedReads(model: ModelCmp, clock: Clock, random: Random) {
  // In some scenarios the lists are bad for hours, in a few for days.
  const badFor = random.chance(0.03)
    ? random.between(24, 96)
    : random.chance(0.1)
      ? random.between(2, 20)
      : 0;
  const badUntil = clock.now() + badFor * hour;
  const cutShort = () => (clock.now() < badUntil ? 0.7 : 0.03);
  const call = async (operation: string): Promise<void> => {
    await clock.sleep(random.between(20, 800));
    model.settle();
    if (!random.chance(0.04)) return;
    throw random.pick([
      () => lost(operation),
      () => gateway(operation),
      () => broken(operation),
      () => throttled(operation, random.between(5, 90)),
    ])();
  };
  /** The work is done; the response may be lost. */
  const back = (operation: string): void => {
    if (random.chance(0.05)) throw lost(operation);
  };
  const order = (id: string): ModelOrder => {
    const found = model.orders.find((one) => one.id === id);
    if (!found) throw notFound('orders.get');
    return found;
  };
  const subscription = (id: string): ModelSubscription => {
    const found = model.subscriptions.get(id);
    if (!found || found.wiped) throw notFound('subscriptions.get');
    return found;
  };
  const lines = random.fork('lines');
  const detail = (found: ModelSubscription) => subscriptionDetail(found, lines.chance(0.5));

  return {
    orders: {
      async page({ customerId, creationTimeFrom, offset = 0, limit = 10 } = {}) {
        await call('orders.page');
        const from = creationTimeFrom === undefined ? 0 : Date.parse(creationTimeFrom);
        // Lists are copies that may lag behind.
        const lag = random.chance(0.15) ? random.between(1, 90) * 1000 : 0;
        const all = model.orders.filter(
          ({ customerId: of, createdAt }) =>
            (customerId === undefined || of === customerId) &&
            createdAt >= from &&
            createdAt <= clock.now() - lag,
        );
        return struckPage(all, orderRow, { offset, limit }, random, cutShort());
      },
      async get(id) {
        await call('orders.get');
        return orderDetail(order(id));
      },
      async update(id, { statusCode }) {
        await call('orders.update');
        try {
          if (statusCode === 'CL') model.withdraw(order(id));
        } catch (error) {
          if (!(error instanceof ModelRefusal)) throw error;
          throw business('orders.update', `Cannot Upgrade/Downgrade Resources: ${error.message}`);
        }
        back('orders.update');
        return orderDetail(order(id));
      },
      async estimate({ products = [] }) {
        await call('orders.estimate');
        return { products: products.map((line) => ({ ...line, parameters: [] })), details: [] };
      },
    } satisfies Omit<CmpOrdering['orders'], 'place'>,
    subscriptions: {
      async page({ offset = 0, limit = 10 } = {}) {
        await call('subscriptions.page');
        const all = [...model.subscriptions.values()].filter(({ wiped }) => !wiped).reverse();
        return struckPage(all, subscriptionRow, { offset, limit }, random, cutShort());
      },
      async get(id) {
        await call('subscriptions.get');
        return detail(subscription(id));
      },
      async update(id, { renewalStatus }) {
        await call('subscriptions.update');
        const found = subscription(id);
        if (renewalStatus !== undefined) model.setAutoRenew(found, renewalStatus);
        back('subscriptions.update');
        return detail(found);
      },
    } satisfies SimulatedCmp['subscriptions'],
    parameters: {
      async validate() {
        await call('parameters.validate');
        return [];
      },
    } satisfies CmpOrdering['parameters'],
  };
}

/** A page as asked for, the page before it once more, or one without its first rows though its total knows of them. */
function struckPage<Item, Row extends { id: string }>(
  all: readonly Item[],
  rowOf: (item: Item) => Row,
  { offset, limit }: { offset: number; limit: number },
  random: Random,
  cutShort: number,
): ListPage<Row> {
  const at = random.chance(0.02) ? Math.max(0, offset - limit) : offset;
  const skipped = random.chance(cutShort) ? Math.ceil(limit / 2) : 0;
  const rows = all.slice(at + skipped, at + limit).map(rowOf);
  const records = rows.map((value) => ({ ok: true as const, id: value.id, value, raw: value }));
  return { records, total: all.length, offset, limit };
}
