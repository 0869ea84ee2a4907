import type { ListPage } from '@isthmus/cmp-client';
import type { Clock } from '@isthmus/domain';
import type { CmpOrdering } from '@isthmus/subscription-lifecycle/orders/protocol/order-at-cmp.ts';
import type { Dice } from '../dice.ts';
import { broken, business, gateway, lost, notFound, throttled } from './failures.ts';
import { ModelRefusal, type ModelCmp } from './model-cmp.ts';
import type { ModelOrder, ModelSubscription } from './model-order.ts';
import { orderDetail, orderRow, subscriptionDetail, subscriptionRow } from './model-views.ts';
import type { SimulatedCmp } from './simulated-cmp.ts';

const hour = 3_600_000;

/** Everything but placing: reads that fail, lists that shift and lag, and the two updates that may be repeated. */
export function simulatedReads(model: ModelCmp, clock: Clock, dice: Dice) {
  // In some stories the lists are bad for hours, in a few for days.
  const badFor = dice.chance(0.03) ? dice.between(24, 96) : dice.chance(0.1) ? dice.between(2, 20) : 0;
  const badUntil = clock.now() + badFor * hour;
  const cutShort = () => (clock.now() < badUntil ? 0.7 : 0.03);
  const call = async (operation: string): Promise<void> => {
    await clock.sleep(dice.between(20, 800));
    model.settle();
    if (!dice.chance(0.04)) return;
    throw dice.pick([
      () => lost(operation),
      () => gateway(operation),
      () => broken(operation),
      () => throttled(operation, dice.between(5, 90)),
    ])();
  };
  /** The work is done; whether anybody hears of it is another question. */
  const back = (operation: string): void => {
    if (dice.chance(0.05)) throw lost(operation);
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
  const lines = dice.fork('lines');
  const detail = (found: ModelSubscription) => subscriptionDetail(found, lines.chance(0.5));

  return {
    orders: {
      async page({ customerId, creationTimeFrom, offset = 0, limit = 10 } = {}) {
        await call('orders.page');
        const from = creationTimeFrom === undefined ? 0 : Date.parse(creationTimeFrom);
        // Lists are copies that may lag behind.
        const lag = dice.chance(0.15) ? dice.between(1, 90) * 1000 : 0;
        const all = model.orders.filter(
          ({ customerId: of, createdAt }) =>
            (customerId === undefined || of === customerId) &&
            createdAt >= from &&
            createdAt <= clock.now() - lag,
        );
        return struckPage(all, orderRow, { offset, limit }, dice, cutShort());
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
        return struckPage(all, subscriptionRow, { offset, limit }, dice, cutShort());
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
  dice: Dice,
  cutShort: number,
): ListPage<Row> {
  const at = dice.chance(0.02) ? Math.max(0, offset - limit) : offset;
  const skipped = dice.chance(cutShort) ? Math.ceil(limit / 2) : 0;
  const rows = all.slice(at + skipped, at + limit).map(rowOf);
  const records = rows.map((value) => ({ ok: true as const, id: value.id, value, raw: value }));
  return { records, total: all.length, offset, limit };
}
