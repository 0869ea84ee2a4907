import { readListing, type CmpSubscriptionDetail } from '@isthmus/cmp-client';
import type { Clock } from '@isthmus/domain';
import { laterOf, readingFrom, type CursorReading } from '@isthmus/sync-engine';
import type { SimulatedCmp } from '../cmp/simulated-cmp.ts';
import type { Dice } from '../dice.ts';
import type { EventRules } from '../events/event-rules.ts';
import type { Mirror } from './mirror.ts';

const listing = { pageSize: 8, overlap: 1, ahead: 0 } as const;
const history = 30 * 86_400_000;

/** What reading CMP into the mirror takes. */
export interface Reading {
  mirror: Mirror;
  cmp: SimulatedCmp;
  clock: Clock;
  dice: Dice;
  rules: EventRules;
  /** Called between transactions; throws when the reader dies there. */
  gap(): void;
}

/**
 * The tick: new orders since the cursor, those still open, and the subscriptions touched by those that are done. Answers
 * whether the list had no gaps.
 */
export async function tick(reading: Reading): Promise<boolean> {
  const { mirror, rules } = reading;
  const seen = await readNewOrders(reading);
  await readOpenOrders(reading);
  const reached = rules.cursorAfter(seen);
  reading.gap();
  if (reached) mirror.cursor = laterOf(mirror.cursor, [reached]);
  await readTouched(reading);
  return seen.gaps.length === 0;
}

async function readNewOrders(reading: Reading): Promise<CursorReading> {
  const { mirror, cmp, clock, rules } = reading;
  const from = readingFrom(mirror.cursor ? new Date(mirror.cursor) : null, clock.now(), history);
  const creationTimeFrom = `${from.toISOString().slice(0, 19)}Z`;
  const pages = readListing(
    (offset, limit) => patiently(reading, () => cmp.orders.page({ creationTimeFrom, offset, limit })),
    listing,
  );
  let newest: string | undefined;
  for (;;) {
    const step = await pages.next();
    if (step.done) return { newest, gaps: step.value.reasons };
    reading.gap();
    const orders = step.value.records.flatMap((record) => (record.ok ? [record.value] : []));
    newest = laterOf(
      newest,
      orders.map(({ creationDate }) => creationDate),
    );
    if (rules.cursorMoves === 'first') mirror.cursor = laterOf(mirror.cursor, newest ? [newest] : []);
    for (const order of orders) mirror.storeOrder(order);
  }
}

async function readOpenOrders(reading: Reading): Promise<void> {
  const { mirror, cmp } = reading;
  for (const [id, { status }] of mirror.orders) {
    if (status !== 'submitted' && status !== 'processing') continue;
    const detail = await patiently(reading, () => cmp.orders.get(id));
    reading.gap();
    mirror.storeOrder(detail);
  }
}

async function readTouched(reading: Reading): Promise<void> {
  const { mirror, cmp } = reading;
  for (const [id, order] of mirror.orders) {
    if (!order.due) continue;
    const detail = await patiently(reading, () => cmp.orders.get(id));
    const { subscriptionId } = detail;
    reading.gap();
    mirror.storeOrderDetail(detail);
    if (subscriptionId) await readDetail(reading, subscriptionId);
    reading.gap();
    order.due = false;
  }
}

/** The sweep: the whole list of subscriptions, and the details of those that differ. Answers whether it had no gaps. */
export async function sweep(reading: Reading): Promise<boolean> {
  const { mirror, cmp, clock } = reading;
  const pages = readListing(
    (offset, limit) => patiently(reading, () => cmp.subscriptions.page({ offset, limit })),
    listing,
  );
  let step = await pages.next();
  for (; !step.done; step = await pages.next()) {
    reading.gap();
    const readAt = clock.now();
    for (const record of step.value.records) if (record.ok) mirror.storeSubscription(record.value, readAt);
  }
  for (const [id, { wanted }] of mirror.subscriptions) if (wanted) await readDetail(reading, id);
  return step.value.complete;
}

async function readDetail(reading: Reading, id: string): Promise<void> {
  const readAt = reading.clock.now();
  const detail = await patiently(reading, () => reading.cmp.subscriptions.get(id));
  reading.gap();
  reading.mirror.storeSubscription(detail, readAt, linesOf(detail));
}

const linesOf = ({ products }: CmpSubscriptionDetail) =>
  products.map(({ mpn, quantity }) => ({ mpn, vendor: 'MICROSOFT', productId: '', name: '', quantity }));

/** Reading may be repeated, and is, as the client does; what still fails ends the tick. */
async function patiently<T>({ clock, dice }: Reading, read: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await read();
    } catch (error) {
      if (tries === 3) throw error;
      await clock.sleep(dice.between(500, 5_000));
    }
  }
}
