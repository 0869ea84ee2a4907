import type { ListPage, ReadRecord } from '@isthmus/cmp-client';
import type { Clock } from '@isthmus/domain';
import { broken } from '../cmp/failures.ts';
import type { SimulatedCmp } from '../cmp/simulated-cmp.ts';
import type { Dice } from '../dice.ts';

const hour = 3_600_000;

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

/** The records of CMP that cannot be read in a story. */
export class OddRecords {
  private readonly drawn = new Map<string, Oddity | null>();
  private readonly began: number;
  private readonly share: number;

  constructor(
    private readonly clock: Clock,
    private readonly dice: Dice,
    /** How often the id of an odd row cannot be read either. */
    private readonly nameless = 0,
  ) {
    this.began = clock.now();
    this.share = dice.pick([0, 0, 0, 0.05, 0.2]);
  }

  /** Whether it is odd now; one that nobody has come across is not. */
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

  /** Whether a list has rows now of which nobody can say what they are. */
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
    if (!this.drawn.has(id)) this.drawn.set(id, this.draw(this.dice.fork(id)));
    const oddity = this.drawn.get(id);
    return this.isNow(oddity) ? oddity : null;
  }

  private draw(dice: Dice): Oddity | null {
    if (!dice.chance(this.share)) return null;
    const from = this.began + dice.between(0, 16) * hour;
    const nameless = dice.chance(this.nameless);
    // A row without an id is counted twice where pages overlap: for good, no list would ever be complete.
    const forGood = !nameless && dice.chance(0.4);
    const until = forGood ? Infinity : from + dice.between(1, 24) * hour;
    return { from, until, in: dice.pick(['row', 'detail', 'both', 'both', 'seats'] as const), nameless };
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
