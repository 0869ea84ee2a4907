import type { CmpOrderDetail } from '@isthmus/cmp-client';
import { mirrorId, type Phase, type RunContext } from '@isthmus/sync-engine';
import { explainedOrders, opensWindows, type DueOrder } from '../domain/explained-orders.ts';
import {
  changesFoundBy,
  dueOrders,
  markDone,
  readSince,
  subscriptionsOf,
  tellOrderDetails,
} from './due-orders.ts';
import { concernsOneRecord, readDetails } from './read-details.ts';
import { switchedOffAccounts } from './target.ts';

/**
 * Finds out which subscriptions the orders that are done have touched, and reads their details. CMP's order list names neither the
 * subscription nor the seats, so each order costs one more call; the subscription another one, unless it was read since, or this run
 * has already found the change that the order explains. An order that opens no window is not read at all then.
 */
export const touchedPhase = (atOnce: number): Phase => ({
  name: 'touched',
  async run(context) {
    if (!context.run.apply) return;
    const off = await switchedOffAccounts(context);
    const due = await dueOrders(context);
    const explained = new Set(explainedOrders(due, await changesFoundBy(context)).map(({ id }) => id));
    const needless = due.filter(
      (order) => off.has(order.cmpAccountId) || (explained.has(order.id) && !opensWindows(order)),
    );
    const skipped = new Set(needless.map(({ id }) => id));
    if (needless.length) await markDone(context, needless);

    const open = due.filter(({ id }) => !skipped.has(id));
    for (let from = 0; from < open.length; from += atOnce) {
      const some = open.slice(from, from + atOnce);
      await followOrders(context, some, explained, { done: from, total: open.length });
    }
  },
});

async function followOrders(
  context: RunContext,
  orders: readonly DueOrder[],
  explained: ReadonlySet<string>,
  progress: { done: number; total: number },
): Promise<void> {
  const read = await Promise.all(
    orders.map(async (order) => ({ order, detail: await detailOf(context, order) })),
  );
  const followed = read.map(({ order, detail }) => {
    const lines = (order.lines ?? []).map((line) => line.cmpSubscriptionId);
    const known = [order.cmpSubscriptionId ?? undefined, ...lines].filter((id) => id !== undefined);
    return { order, detail, subscriptions: [...new Set(detail ? subscriptionsOf(detail) : known)] };
  });
  await tellOrderDetails(
    context,
    followed.flatMap(({ order: { id }, detail, subscriptions: [subscription] }) =>
      detail ? { id, detail, subscription } : [],
    ),
  );
  const touched = followed
    .filter(({ order }) => !explained.has(order.id))
    .flatMap(({ order: { readAt }, subscriptions }) =>
      subscriptions.map((subscription) => ({ subscription, readAt })),
    );
  const known = await readSince(context, touched);
  const unread = new Set(touched.map(({ subscription }) => subscription).filter((id) => !known.has(id)));
  const wanted = [...unread].map((cmpId) => ({
    cmpId,
    id: mirrorId(context.run, 'provider-subscription', cmpId),
  }));
  if (wanted.length) await readDetails(context, context.cmp, wanted, progress);
  await markDone(context, orders);
}

async function detailOf(context: RunContext, order: DueOrder): Promise<CmpOrderDetail | undefined> {
  if (order.lines !== null && order.cmpSubscriptionId !== null) return undefined;
  try {
    return await context.cmp.orders.get(order.cmpId, { signal: context.signal });
  } catch (error) {
    // CMP lists an order that it does not show, or not readably: nothing more can be learned from it.
    if (concernsOneRecord(error)) return undefined;
    throw error;
  }
}
