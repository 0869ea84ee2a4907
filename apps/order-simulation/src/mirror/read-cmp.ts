import {
  CmpContractBroken,
  type CmpOrderDetail,
  CmpRejected,
  type CmpSubscriptionDetail,
  isCmpError,
  readListing,
} from '@isthmus/cmp-client';
import type { Clock } from '@isthmus/domain';
import { type CursorReading, laterOf, readingFrom } from '@isthmus/sync-engine';
import type { SimulatedCmp } from '../cmp/simulated-cmp.ts';
import type { EventRules } from '../world/event-rules.ts';
import type { Random } from '../world/random.ts';
import { isLive, type Mirror } from './mirror.ts';

const minute = 60_000;
const hour = 60 * minute;

/** The reader was killed between two transactions. */
class Killed extends Error {
  override readonly name = 'Killed';
}

/** How far the mirror is known to be right: everything that happened at CMP before this was read. */
export interface Freshness {
  readAt: number;
}

/** Reads CMP again and again, now and then after hours of doing nothing, as long as the scenario lasts. */
export async function runMirror(given: Omit<Reading, 'gap'>, freshness: Freshness): Promise<never> {
  const { clock, random } = given;
  const rate = random.pick([0, 0.005, 0.03]);
  const away = random.chance(0.4);
  const reading: Reading = {
    ...given,
    gap() {
      if (random.chance(rate)) throw new Killed();
    },
  };
  const began = clock.now();
  for (let rounds = 0; ; rounds += 1) {
    const startedAt = clock.now();
    try {
      // One account alone is synced, which reads its list without the orders.
      if (random.chance(0.1)) await sweep(reading);
      const ticked = await tick(reading);
      if (rounds % 4 === 0 && (await sweep(reading)) && ticked) freshness.readAt = startedAt;
    } catch (error) {
      if (!isCmpError(error) && !(error instanceof Killed)) throw error;
      // A sweep that failed is due again.
      rounds -= 1;
    }
    await clock.sleep(pauseAfter());
  }

  function pauseAfter(): number {
    if (away && random.chance(0.2)) return random.between(2 * hour, 12 * hour);
    const day = clock.now() - began < 20 * hour;
    return day ? random.between(5 * minute, hour) : random.between(hour, 4 * hour);
  }
}

const listing = { pageSize: 8, overlap: 1, ahead: 0 } as const;
/** Few orders are new at once; only what is on a later page can be behind the cursor when it was missed. */
const orderListing = { ...listing, pageSize: 4 } as const;
const history = 30 * 86_400_000;
/** After so long a detail is read again although nothing shows a change. */
const scrubAfter = 12 * 3_600_000;

/** What reading CMP into the mirror takes. */
export interface Reading {
  mirror: Mirror;
  cmp: SimulatedCmp;
  clock: Clock;
  random: Random;
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
  for (const id of mirror.unreadOrders) await readOrder(reading, id, (order) => mirror.storeOrder(order));
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
    (offset, limit) => withRetries(reading, () => cmp.orders.page({ creationTimeFrom, offset, limit })),
    orderListing,
  );
  let newest: string | undefined;
  for (;;) {
    const step = await pages.next();
    if (step.done) return { newest, gaps: step.value.reasons };
    reading.gap();
    const { records } = step.value;
    const orders = rules.readable(records);
    newest = laterOf(
      newest,
      orders.map(({ creationDate }) => creationDate),
    );
    if (rules.cursorMoves === 'first') mirror.cursor = laterOf(mirror.cursor, newest ? [newest] : []);
    for (const record of records) if (!record.ok && record.id) mirror.unreadOrders.add(record.id);
    for (const order of orders) mirror.storeOrder(order);
  }
}

async function readOpenOrders(reading: Reading): Promise<void> {
  const { mirror } = reading;
  for (const [id, { status }] of mirror.orders)
    if (status === 'submitted' || status === 'processing')
      await readOrder(reading, id, (order) => mirror.storeOrder(order));
}

async function readTouched(reading: Reading): Promise<void> {
  const { mirror } = reading;
  for (const [id, order] of mirror.orders) {
    if (!order.due) continue;
    const detail = await readOrder(reading, id, (one) => mirror.storeOrderDetail(one));
    if (!detail) continue;
    if (detail.subscriptionId) await readDetail(reading, detail.subscriptionId);
    reading.gap();
    order.due = false;
  }
}

/** The sweep: the whole list of subscriptions, and the details of those that differ or were not read for long. Answers whether it had no gaps. */
export async function sweep(reading: Reading): Promise<boolean> {
  const { mirror, cmp, clock, rules } = reading;
  const pages = readListing(
    (offset, limit) => withRetries(reading, () => cmp.subscriptions.page({ offset, limit })),
    listing,
  );
  const listed = new Set<string | undefined>();
  let step = await pages.next();
  for (; !step.done; step = await pages.next()) {
    reading.gap();
    const readAt = clock.now();
    const { records } = step.value;
    for (const id of rules.listed(records)) listed.add(id);
    for (const row of rules.readable(records)) mirror.storeSubscription(row, readAt);
  }
  const { complete } = step.value;
  // Without its id it is not known which one is still there.
  if (complete && !listed.has(undefined)) mirror.endUnlisted(listed as Set<string>, clock.now());
  for (const [id, { wanted, published, detailAt }] of mirror.subscriptions)
    if (wanted || (isLive(published.status) && detailAt < clock.now() - scrubAfter))
      await readDetail(reading, id);
  return complete;
}

/** Nothing where it cannot be read: the others go on. */
async function readOrder(
  reading: Reading,
  id: string,
  store: (order: CmpOrderDetail) => void,
): Promise<CmpOrderDetail | undefined> {
  const detail = await ofOneRecord(withRetries(reading, () => reading.cmp.orders.get(id)));
  reading.gap();
  if (detail) store(detail);
  return detail;
}

async function readDetail(reading: Reading, id: string): Promise<void> {
  const readAt = reading.clock.now();
  const { mirror, cmp } = reading;
  const detail = await ofOneRecord(withRetries(reading, () => cmp.subscriptions.get(id)));
  reading.gap();
  if (detail) mirror.storeSubscription(detail, readAt, linesOf(detail));
  else mirror.want(id);
}

/** Nothing where a single record cannot be read or is not there; any other error is passed on. */
async function ofOneRecord<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    const single =
      error instanceof CmpContractBroken || (error instanceof CmpRejected && error.category === 'not-found');
    if (!single) throw error;
    return undefined;
  }
}

const linesOf = ({ products }: CmpSubscriptionDetail) =>
  products.map(({ mpn, quantity }) => ({ mpn, vendor: 'MICROSOFT', productId: '', name: '', quantity }));

/** Reading may be repeated, and is, as the client does; what still fails ends the tick. */
async function withRetries<T>({ clock, random }: Reading, read: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await read();
    } catch (error) {
      if (tries === 3) throw error;
      await clock.sleep(random.between(500, 5_000));
    }
  }
}
