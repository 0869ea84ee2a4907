import { type CmpOrderDetail, CmpRejected, firstUnreadFact } from '@isthmus/cmp-client';
import {
  ApprovalNeeded,
  countMoved,
  allowedEndings,
  mirrorId,
  type MoveBudget,
  type Phase,
  type RunContext,
  type RunRecord,
} from '@isthmus/sync-engine';
import {
  fetchDetails,
  isAboutOneRecord,
  planDetails,
  storeDetails,
} from '../subscriptions/subscription-details.service.ts';
import { countLive, readByPlan, type RequestedDetail } from '../subscriptions/requested-details.store.ts';
import { switchedOffAccounts } from '../sync-runs.store.ts';
import {
  changesFoundSoFar,
  type DueOrder,
  dueOrders,
  type FoundChange,
  markProcessed,
  plannedOrders,
  publishOrderDetails,
  subscriptionsReadSince,
  subscriptionsOf,
} from './orders.store.ts';

/**
 * Finds out which subscriptions the completed orders have touched, and reads their details. CMP's order list contains
 * neither the subscription nor the seats, so each order costs one more call. Reading the subscription costs another one,
 * unless it has been read after the order was (`readAt`), or this run has already found the change that the order caused. In the
 * latter case, orders that do not open a window are not read at all, nor is any order of a planning run.
 */
export const orderEffectsPhase = (atOnce: number): Phase => ({
  name: 'touched',
  async run(context) {
    const { apply } = context.run;
    const due = [...(await dueOrders(context)), ...(apply ? [] : await plannedOrders(context))];
    if (due.length === 0) return;
    const off = await switchedOffAccounts(context);
    const explained = new Set(explainedOrders(due, await changesFoundSoFar(context)).map(({ id }) => id));
    const needless = due.filter(
      (order) => off.has(order.cmpAccountId) || (explained.has(order.id) && !(apply && opensWindows(order))),
    );
    const skipped = new Set(needless.map(({ id }) => id));
    if (needless.length && apply) await markProcessed(context, needless);

    const open = due.filter(({ id }) => !skipped.has(id));
    if (open.length === 0) return;
    const { subscriptions: live } = await countLive(context);
    const moves: MoveBudget = {
      count: 0,
      limit: allowedEndings(context.breaker, live, context.run.movesApproved),
    };
    for (let from = 0; from < open.length; from += atOnce) {
      const some = open.slice(from, from + atOnce);
      await followOrders(context, some, explained, moves, { done: from, total: open.length });
    }
    if (apply && moves.count > moves.limit)
      throw new ApprovalNeeded({ end: 0, of: 0, limit: 0, moved: { ...moves, of: live } }, 'subscription');
  },
});

async function followOrders(
  context: RunContext,
  orders: readonly DueOrder[],
  explained: ReadonlySet<string>,
  moves: MoveBudget,
  progress: { done: number; total: number },
): Promise<void> {
  const followed = await Promise.all(orders.map((order) => follow(context, order)));
  await recordUnreadable(context, followed);
  if (context.run.apply)
    await publishOrderDetails(
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
  const known = await subscriptionsReadSince(context, touched);
  const unread = new Set(touched.map(({ subscription }) => subscription).filter((id) => !known.has(id)));
  const wanted = [...unread].map((cmpId) => ({
    cmpId,
    id: mirrorId(context.run, 'provider-subscription', cmpId),
  }));
  if (!context.run.apply) return planTouched(context, wanted, progress);
  if (wanted.length) {
    const reading = await fetchDetails(context, context.cmp, wanted);
    moves.count += countMoved(reading.comparison.differences);
    if (moves.count <= moves.limit) await storeDetails(context, reading, progress);
    // The orders are not marked as processed: they are handled again once a user has approved the run.
    else return planDetails(context, reading, progress);
  }
  await markProcessed(
    context,
    followed.filter((one) => !mayRevealMore(one, explained)).map(({ order }) => order),
  );
}

interface Followed {
  order: DueOrder;
  /** The order's detail; absent if it was not read, or could be parsed only partially. */
  detail?: CmpOrderDetail;
  /** Known CMP ids of the subscriptions. */
  subscriptions: string[];
  /** The reason why CMP's response cannot be read. */
  unreadable?: string;
}

async function follow(context: RunContext, order: DueOrder): Promise<Followed> {
  const lines = (order.lines ?? []).map((line) => line.cmpSubscriptionId);
  const known = [order.cmpSubscriptionId, ...lines].filter((id) => typeof id === 'string');
  const subscriptions = [...new Set(known)];
  if (order.cmpSubscriptionId !== null && (order.lines !== null || !context.run.apply))
    return { order, subscriptions };
  try {
    const detail = await context.cmp.orders.get(order.cmpId, { signal: context.signal });
    const named = subscriptionsOf(detail);
    const unreadable = firstUnreadFact(detail);
    if (unreadable === undefined) return { order, detail, subscriptions: named };
    return { order, subscriptions: named.length > 0 ? named : subscriptions, unreadable };
  } catch (error) {
    // CMP lists this order but rejects the request for its detail, so nothing more can be learned.
    if (error instanceof CmpRejected && isAboutOneRecord(error)) return { order, subscriptions };
    if (isAboutOneRecord(error)) return { order, subscriptions, unreadable: error.message };
    throw error;
  }
}

/** An order that could not be parsed may still reveal its subscription or added seats on a later read. */
const mayRevealMore = (
  { order, subscriptions, unreadable }: Followed,
  explained: ReadonlySet<string>,
): boolean =>
  unreadable !== undefined &&
  ((subscriptions.length === 0 && !explained.has(order.id)) || (opensWindows(order) && order.recent));

async function recordUnreadable(context: RunContext, followed: readonly Followed[]): Promise<void> {
  const records = followed.flatMap(({ order: { cmpId }, unreadable: reason }): RunRecord[] =>
    reason === undefined ? [] : [{ kind: 'provider-order', cmpId, result: 'set-aside', reason }],
  );
  if (records.length > 0) await context.commit({ done: 0, counts: { setAside: records.length }, records });
}

/** A plan shows what the orders have changed, for subscriptions that it does not contain yet. */
async function planTouched(
  context: RunContext,
  touched: readonly RequestedDetail[],
  progress: { done: number; total: number },
): Promise<void> {
  const read = await readByPlan(
    context,
    touched.map(({ id }) => id),
  );
  const wanted = touched.filter(({ id }) => !read.has(id));
  if (wanted.length) await planDetails(context, await fetchDetails(context, context.cmp, wanted), progress);
}

const dates = ['renewalDate', 'expirationDate'];

/** Orders that may begin a term or add seats; their time and seat count are only in the order detail. */
const windowOpening: ReadonlySet<string> = new Set(['sales', 'change', 'renewal']);

export const opensWindows = ({ type }: DueOrder): boolean => windowOpening.has(type);

/** The changes that an order of each type causes; orders of any other type explain no change. */
const effects: Record<string, (change: FoundChange) => boolean> = {
  sales: (change) => change.result === 'appeared',
  change: (change) => change.result === 'changed' && change.changed.includes('lines'),
  cancellation: (change) => change.result === 'ended' || change.changed.includes('status'),
  renewal: (change) => change.result === 'changed' && change.changed.some((field) => dates.includes(field)),
};

/**
 * Orders whose effect has already been found. An account's orders of one type count as explained if there are at least as many
 * matching changes as orders; if one change is missing, none of them does, because it is unknown which order lacks it.
 */
export function explainedOrders(orders: readonly DueOrder[], changes: readonly FoundChange[]): DueOrder[] {
  return orders.filter((order) => {
    const effect = effects[order.type];
    if (!effect) return false;
    const alike = orders.filter(
      (other) => other.type === order.type && other.cmpAccountId === order.cmpAccountId,
    );
    const found = changes.filter((change) => change.cmpAccountId === order.cmpAccountId && effect(change));
    return found.length >= alike.length;
  });
}
