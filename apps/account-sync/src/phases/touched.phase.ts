import { CmpRejected, unreadFact } from '@isthmus/cmp-client';
import { mirrorId, type Phase, type RunContext } from '@isthmus/sync-engine';
import { explainedOrders, type DueOrder } from '../domain/explained-orders.ts';
import { changesFoundBy, dueOrders, markDone, nameSubscription, plannedOrders } from './due-orders.ts';
import { concernsOneRecord, fetchDetails, planDetails, readDetails } from './read-details.ts';
import { switchedOffAccounts } from './target.ts';
import { readByPlan, type WantedDetail } from './wanted-details.ts';

/**
 * Finds out which subscriptions the orders that are done have touched, and reads their details. CMP's order list does not name the
 * subscription, so each order costs one more call, unless this run has already found the change it explains.
 */
export const touchedPhase = (atOnce: number): Phase => ({
  name: 'touched',
  async run(context) {
    const { apply } = context.run;
    const off = await switchedOffAccounts(context);
    const due = [...(await dueOrders(context)), ...(apply ? [] : await plannedOrders(context))];
    const needless = [
      ...due.filter((order) => off.has(order.cmpAccountId)),
      ...explainedOrders(due, await changesFoundBy(context)),
    ];
    const skipped = new Set(needless.map(({ id }) => id));
    if (needless.length && apply) await markDone(context, needless);

    const open = due.filter(({ id }) => !skipped.has(id));
    for (let from = 0; from < open.length; from += atOnce) {
      await followOrders(context, open.slice(from, from + atOnce), { done: from, total: open.length });
    }
  },
});

async function followOrders(
  context: RunContext,
  orders: readonly DueOrder[],
  progress: { done: number; total: number },
): Promise<void> {
  const named = await Promise.all(
    orders.map(async (order) => ({
      ...order,
      ...(order.cmpSubscriptionId
        ? { subscription: order.cmpSubscriptionId, readable: true }
        : await subscriptionOf(context, order)),
    })),
  );
  if (context.run.apply) await nameSubscription(context, named);
  const touched = [...new Set(named.flatMap(({ subscription }) => subscription ?? []))];
  const wanted = touched.map((cmpId) => ({
    cmpId,
    id: mirrorId(context.run, 'provider-subscription', cmpId),
  }));
  if (!context.run.apply) return showTouched(context, wanted, progress);
  if (wanted.length) await readDetails(context, context.cmp, wanted, progress);
  // One that could not be read may tell its subscription when it is read again.
  await markDone(
    context,
    named.filter(({ subscription, readable }) => subscription || readable),
  );
}

/** A plan shows what the orders have changed, of subscriptions whose detail it has not shown yet. */
async function showTouched(
  context: RunContext,
  touched: readonly WantedDetail[],
  progress: { done: number; total: number },
): Promise<void> {
  const read = await readByPlan(
    context,
    touched.map(({ id }) => id),
  );
  const wanted = touched.filter(({ id }) => !read.has(id));
  if (wanted.length) await planDetails(context, await fetchDetails(context, context.cmp, wanted), progress);
}

async function subscriptionOf(
  context: RunContext,
  order: DueOrder,
): Promise<{ subscription?: string; readable: boolean }> {
  try {
    const detail = await context.cmp.orders.get(order.cmpId, { signal: context.signal });
    const line = detail.products.find(({ subscriptionId }) => subscriptionId);
    return {
      subscription: detail.subscriptionId ?? line?.subscriptionId,
      readable: unreadFact(detail) === undefined,
    };
  } catch (error) {
    // CMP lists an order it does not show: nothing more can be learned from it.
    if (concernsOneRecord(error)) return { readable: error instanceof CmpRejected };
    throw error;
  }
}
