import type { CmpSubscription, CmpSubscriptionDetail, ListPage, ReadRecord } from '@isthmus/cmp-client';
import type { Clock } from '@isthmus/domain';
import type { SubscriptionState } from '@isthmus/subscription-lifecycle/subscriptions/subscription.ts';
import { broken } from '../cmp/cmp-faults.ts';
import type { SimulatedCmp } from '../cmp/simulated-cmp.ts';
import type { Random } from '../world/random.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** CMP as a reader sees it, who may be misled. */
export interface SeenCmp {
  cmp: SimulatedCmp;
  /** From when on quantities are right. */
  truthfulFrom: number;
}

/**
 * CMP as it is in some scenarios: for some days dates and quantities of subscriptions are wrong now and then, and
 * right again at the next reading. On first sight there is nothing that a wrong value could be told by, so that only
 * those of subscriptions that are kept already are wrong.
 */
export function withMisleadingReadings(
  cmp: SimulatedCmp,
  kept: ReadonlyMap<string, SubscriptionState>,
  clock: Clock,
  random: Random,
): SeenCmp {
  const dates = { share: random.pick([0, 0, 0.05, 0.3]), until: clock.now() + random.between(1, 6) * day };
  const seats = { share: random.pick([0, 0, 0.05, 0.3]), until: clock.now() + random.between(4, 36) * hour };
  const misled = ({ share, until }: typeof dates, known: unknown) =>
    share > 0 && known && clock.now() < until && random.chance(share);
  const withDates = <Row extends CmpSubscription>(row: Row): Row =>
    misled(dates, kept.get(row.id)) ? { ...row, ...otherDates(row, clock.now(), random) } : row;
  const flickering = (detail: CmpSubscriptionDetail) =>
    misled(seats, kept.get(detail.id)?.lines) ? { ...detail, products: otherSeats(detail, random) } : detail;
  const { subscriptions } = cmp;
  const seen: SimulatedCmp = {
    ...cmp,
    subscriptions: {
      ...subscriptions,
      async page(...query) {
        const page = await subscriptions.page(...query);
        const records = page.records.map((record) =>
          record.ok ? { ...record, value: withDates(record.value) } : record,
        );
        return { ...page, records };
      },
      get: async (...query) => flickering(withDates(await subscriptions.get(...query))),
    },
  };
  return { cmp: seen, truthfulFrom: seats.share > 0 ? seats.until : 0 };
}

/** Dates shifted by a time zone, corrected backwards, moved by an upgrade, or at the end of time: nothing has renewed. */
function otherDates({ renewalDate = '', creationDate = '' }: CmpSubscription, now: number, random: Random) {
  const shifted = (text: string, days: number) =>
    new Date(Date.parse(text) + days * day).toISOString().slice(0, 10);
  return random.pick([
    { renewalDate: shifted(renewalDate, random.pick([-1, 1])) },
    { renewalDate: shifted(renewalDate, random.pick([730, 1_095])) },
    { renewalDate: '9999-12-31' },
    { renewalDate: shifted(new Date(now).toISOString().slice(0, 10), -random.between(2, 9)) },
    { creationDate: shifted(creationDate, random.between(1, 300)) },
  ]);
}

/** Fewer seats, none, more, or many more of one product: nothing was ordered or given back. */
function otherSeats({ products }: CmpSubscriptionDetail, random: Random): CmpSubscriptionDetail['products'] {
  const wrong = random.between(0, products.length - 1);
  return products.map((product, index) => {
    if (index !== wrong) return product;
    const { quantity } = product;
    const fewer = random.between(0, Math.max(0, quantity - 1));
    return {
      ...product,
      quantity: random.pick([fewer, fewer, 0, quantity + random.between(1, 9), quantity * 10]),
    };
  });
}

/** What is wrong with a record, and how long. */
interface Oddity {
  from: number;
  /** Infinity: for good. */
  until: number;
  /** A row, a detail, or neither can be read; or a detail has a quantity that nothing can be reckoned with. */
  in: 'row' | 'detail' | 'both' | 'seats';
  /** Nor can the id of its row be read. */
  nameless: boolean;
}

/** The records of CMP that cannot be read in a scenario. */
export class OddRecords {
  private readonly drawn = new Map<string, Oddity | null>();
  private readonly began: number;
  private readonly share: number;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    /** How often the id of an odd row cannot be read either. */
    private readonly nameless = 0,
  ) {
    this.began = clock.now();
    this.share = random.pick([0, 0, 0, 0.05, 0.2]);
  }

  /** Whether it is odd now; one that was never read is not. */
  isOdd(id: string): boolean {
    return this.isNow(this.drawn.get(id));
  }

  private isNow(oddity: Oddity | null | undefined): oddity is Oddity {
    const now = this.clock.now();
    return !!oddity && now >= oddity.from && now < oddity.until;
  }

  /** Whether any record has been odd so far. */
  get any(): boolean {
    const now = this.clock.now();
    return [...this.drawn.values()].some((one) => one !== null && one.from <= now);
  }

  /** From when on all can be read but those that never can. */
  get readableFrom(): number {
    const ends = [...this.drawn.values()].flatMap((one) => (one && one.until < Infinity ? [one.until] : []));
    return Math.max(0, ...ends);
  }

  /** Whether a list has rows now that cannot be identified. */
  get hidesIds(): boolean {
    return [...this.drawn].some(
      ([id, one]) => one?.nameless && ['row', 'both'].includes(one.in) && this.isOdd(id),
    );
  }

  row<T extends { id: string }>(record: ReadRecord<T>): ReadRecord<T> {
    const oddity = record.ok && this.of(record.id);
    if (!oddity || !['row', 'both'].includes(oddity.in)) return record;
    const unread = { ok: false as const, raw: record.raw, field: 'status', reason: 'expected a text' };
    return oddity.nameless ? unread : { ...unread, id: record.id! };
  }

  detail<T extends { id: string }>(operation: string, detail: T): T {
    const kind = this.of(detail.id)?.in;
    if (kind === 'detail' || kind === 'both') throw broken(operation);
    return detail;
  }

  seats<T extends { id: string; products: { quantity: number }[] }>(detail: T): T {
    if (this.of(detail.id)?.in !== 'seats') return detail;
    return { ...detail, products: detail.products.map((one) => ({ ...one, quantity: one.quantity + 0.5 })) };
  }

  /** What is wrong with it now. The same record is odd in every reading. */
  private of(id: string): Oddity | null {
    if (this.share === 0) return null;
    if (!this.drawn.has(id)) this.drawn.set(id, this.draw(this.random.fork(id)));
    const oddity = this.drawn.get(id);
    return this.isNow(oddity) ? oddity : null;
  }

  private draw(random: Random): Oddity | null {
    if (!random.chance(this.share)) return null;
    const from = this.began + random.between(0, 16) * hour;
    const nameless = random.chance(this.nameless);
    // A row without an id is counted twice where pages overlap: for good, no list would ever be complete.
    const forGood = !nameless && random.chance(0.4);
    const until = forGood ? Infinity : from + random.between(1, 24) * hour;
    return { from, until, in: random.pick(['row', 'detail', 'both', 'both', 'seats'] as const), nameless };
  }
}

/** CMP with those records in its lists and details, of subscriptions and of orders. */
export function withOddRecords(
  cmp: SimulatedCmp,
  subscriptions: OddRecords,
  orders: OddRecords,
): SimulatedCmp {
  return {
    ...cmp,
    orders: {
      ...cmp.orders,
      page: async (...query) => pageOf(await cmp.orders.page(...query), orders),
      get: async (...query) => orders.detail('orders.get', await cmp.orders.get(...query)),
    },
    subscriptions: {
      ...cmp.subscriptions,
      page: async (...query) => pageOf(await cmp.subscriptions.page(...query), subscriptions),
      async get(...query) {
        const detail = await cmp.subscriptions.get(...query);
        return subscriptions.seats(subscriptions.detail('subscriptions.get', detail));
      },
    },
  };
}

const pageOf = <T extends { id: string }>(page: ListPage<T>, odd: OddRecords): ListPage<T> => ({
  ...page,
  records: page.records.map((record) => odd.row(record)),
});
