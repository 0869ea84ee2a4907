import {
  CmpContractViolated,
  type CmpOrder,
  type CmpOrderDetail,
  readListing,
  type ReadRecord,
  firstUnreadFact,
} from '@isthmus/cmp-client';
import {
  applyRecords,
  compareRecords,
  cursorAfter,
  type CursorReading,
  latestOf,
  type Phase,
  readingFrom,
  type RunContext,
  type RunRecord,
} from '@isthmus/sync-engine';
import { isAboutOneRecord } from '../subscriptions/subscription-details.service.ts';
import { orderMirror } from './order.mirror.ts';
import {
  moveCursor,
  openOrders,
  openOrderStatuses,
  updateOrderDetails,
  readCursor,
  subscriptionsOf,
} from './orders.store.ts';

const dayMs = 86_400_000;

interface OrderHistory {
  /** Number of days back that the first tick of a connector reads. */
  days: number;
}

/** The tick: reads orders newer than the cursor, then those that are open in the mirror. Later phases determine their effects. */
export const ordersPhase = (history: OrderHistory): Phase => ({
  name: 'orders',
  async run(context) {
    const cursor = await readCursor(context);
    const from = readingFrom(cursor?.newest ?? null, Date.now(), history.days * dayMs);
    const reading = await readNewOrders(context, from, cursor !== undefined);
    const unread = await readUnreadAgain(context, cursor?.unread ?? [], reading);
    await readOpenOrders(context);
    // Last, so that what an interrupted tick did not store is read again.
    const reached = cursorAfter(reading);
    // The last hour is read by every tick, so that most of them reach what the cursor has reached.
    const isNew = reached !== undefined && !(cursor && Date.parse(reached) <= cursor.newest.getTime());
    if (context.run.apply && (isNew || unread.join() !== (cursor?.unread ?? []).join())) {
      await context.commit({
        done: 0,
        write: async (client) => {
          await moveCursor(client, context, reached, unread);
          return {};
        },
      });
    }
  },
});

interface NewOrders extends CursorReading {
  /** CMP ids of the orders that were stored, and of those that could not be. */
  stored: ReadonlySet<string>;
  aside: ReadonlySet<string>;
}

async function readNewOrders(context: RunContext, from: Date, due: boolean): Promise<NewOrders> {
  const creationTimeFrom = `${from.toISOString().slice(0, 19)}Z`;
  const page = (offset: number, limit: number) =>
    context.cmp.orders.page({ offset, limit, creationTimeFrom }, { signal: context.signal });
  const pages = readListing(page, { ahead: 0 });
  const [stored, aside] = [new Set<string>(), new Set<string>()];
  let newest: string | undefined;
  let done = 0;
  for (;;) {
    const step = await pages.next();
    if (step.done) return { newest, gaps: step.value.reasons, stored, aside };
    const { records, total, checkpoint } = step.value;
    done += records.length;
    const unstored = await storeOrders(context, records, { due, done, total });
    for (const { id } of records) if (id) (unstored.has(id) ? aside : stored).add(id);
    const dates = records.flatMap((record) => (record.ok ? [record.value.creationDate] : []));
    newest = latestOf(newest, dates);
    // Newest first: a page that reaches behind the start ends the reading even where CMP ignores the filter. Its last rows decide; a
    // single date that is out of order does not.
    const last = dates.slice(-3);
    if (last.length && last.every((date) => date < creationTimeFrom))
      return { newest, gaps: checkpoint.reasons, stored, aside };
  }
}

/** Calls that a tick spends on orders it could not store before, and how many of them are remembered. */
const unreadPerTick = 20;

const unreadKept = 200;

/**
 * The cursor soon moves past orders that could not be stored, and no list would contain them again: each is read by its id until
 * it can be stored. Returns those that remain.
 */
async function readUnreadAgain(
  context: RunContext,
  before: readonly string[],
  { stored, aside }: NewOrders,
): Promise<string[]> {
  const left = before.filter((id) => !stored.has(id) && !aside.has(id));
  const again = left.splice(0, unreadPerTick);
  const still = [...aside];
  for (const id of again) if (await readOneOrder(context, id)) still.push(id);
  // Orders that were tried move to the end, so that all get their turn.
  return [...left, ...still].slice(-unreadKept);
}

/** Reads an order by its id; true when CMP has it but it could not be stored. */
async function readOneOrder(context: RunContext, cmpId: string): Promise<boolean> {
  try {
    const order = await context.cmp.orders.get(cmpId, { signal: context.signal });
    const problem = firstUnreadFact(order);
    const [field = '', ...reasons] = problem?.split(': ') ?? [];
    const record: ReadRecord<CmpOrderDetail> = problem
      ? { ok: false, id: cmpId, raw: order, field, reason: reasons.join(': ') }
      : { ok: true, id: cmpId, value: order, raw: order };
    return (await storeOrders(context, [record], { due: true, done: 1 })).size > 0;
  } catch (error) {
    if (!isAboutOneRecord(error)) throw error;
    const unreadable = error instanceof CmpContractViolated;
    const { message: reason, correlationId } = error;
    const result = unreadable ? 'set-aside' : 'failed';
    await context.commit({
      done: 1,
      counts: unreadable ? { setAside: 1 } : { failed: 1 },
      records: [{ kind: 'provider-order', cmpId, result, reason, correlationId }],
    });
    return unreadable;
  }
}

/** Orders that were open when last read and are not new: CMP lists the open ones by status, and a missing one is read by its id. */
async function readOpenOrders(context: RunContext): Promise<void> {
  const open = await openOrders(context);
  for (const status of openOrderStatuses) {
    const openIds = new Set(open.filter((order) => order.status === status).map(({ cmpId }) => cmpId));
    if (!openIds.size) continue;
    const page = (offset: number, limit: number) =>
      context.cmp.orders.page({ offset, limit, status }, { signal: context.signal });
    for await (const step of readListing(page, { ahead: 0 })) {
      for (const record of step.records) if (record.id) openIds.delete(record.id);
      await storeOrders(context, step.records, { due: true, done: step.checkpoint.rows, total: step.total });
    }
    for (const cmpId of openIds) await readOneOrder(context, cmpId);
  }
}

/** Returns the CMP ids of orders that could not be stored. */
async function storeOrders(
  context: RunContext,
  records: readonly ReadRecord<CmpOrder | CmpOrderDetail>[],
  { due, done, total }: { due: boolean; done: number; total?: number },
): Promise<ReadonlySet<string>> {
  const mirror = orderMirror(due);
  const { tenantId, connectorId } = context.run;
  const origin = { tenantId, connectorId, asOf: new Date().toISOString() };
  const read = records.flatMap((record) => (record.ok ? [record.value] : []));
  const aside = records.flatMap((record): RunRecord[] =>
    record.ok ? [] : [asideRecord(mirror.kind, record)],
  );
  const comparison = await compareRecords(context.pool, mirror, origin, read);
  const details = comparison.differences.flatMap(({ row: { id, value } }) =>
    'products' in value ? [{ id, detail: value, subscription: subscriptionsOf(value)[0] }] : [],
  );
  const { records: written = [] } = await applyRecords(context, comparison, {
    done,
    total,
    counts: { read: records.length, setAside: aside.length },
    records: aside,
    planAs: due ? mirror.kind : null,
    planShows: false,
    afterWrite: details.length
      ? async (client, { refused }) => {
          const stored = details.filter(({ id }) => !refused.has(id));
          if (stored.length) await updateOrderDetails(client, tenantId, stored, false);
          return [];
        }
      : undefined,
  });
  return new Set(
    [...aside, ...written].flatMap(({ result, cmpId }) => (result === 'set-aside' && cmpId ? [cmpId] : [])),
  );
}

const asideRecord = (
  kind: string,
  { id, field, reason }: Extract<ReadRecord<CmpOrder>, { ok: false }>,
): RunRecord => ({ kind, cmpId: id, result: 'set-aside', reason: `${field}: ${reason}` });
