import { CmpRejected } from '@isthmus/cmp-client';
import { mirrorId, type Phase, type RunContext } from '@isthmus/sync-engine';
import { explainedOrders, type DueOrder } from '../domain/explained-orders.ts';
import { changesFoundBy, dueOrders, markDone, nameSubscription, plannedOrders } from './due-orders.ts';
import { fetchDetails, planDetails, readDetails } from './read-details.ts';
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
      subscription: order.cmpSubscriptionId ?? (await subscriptionOf(context, order)),
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
  await markDone(context, named);
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

async function subscriptionOf(context: RunContext, order: DueOrder): Promise<string | undefined> {
  try {
    const detail = await context.cmp.orders.get(order.cmpId, { signal: context.signal });
    return detail.subscriptionId ?? detail.products.find((line) => line.subscriptionId)?.subscriptionId;
  } catch (error) {
    // CMP lists an order it does not show: nothing more can be learned from it.
    if (error instanceof CmpRejected && error.category === 'not-found') return undefined;
    throw error;
  }
}
