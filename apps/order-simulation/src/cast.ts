import type { Clock } from '@isthmus/domain';
import { drawCommands, giveCommands, type Told } from './buyers.ts';
import type { Violation } from './check/violation.ts';
import { StrictClient } from './check/strict-client.ts';
import { watchWindows } from './check/watch-windows.ts';
import type { Dice } from './dice.ts';
import { drawEstate } from './estate.ts';
import { Carrier } from './events/carrier.ts';
import { Hearer } from './events/hearer.ts';
import { OrderBook } from './events/order-book.ts';
import { keepMirror } from './mirror/keep-mirror.ts';
import { KeptSubscriptions } from './mirror/kept-subscriptions.ts';
import { withMisleadingReadings } from './mirror/misleading-readings.ts';
import { Mirror } from './mirror/mirror.ts';
import { OddRecords, withOddRecords } from './mirror/odd-records.ts';
import { liveBeside, transferSome, wipeSome } from './neighbours.ts';
import { operate } from './operator.ts';
import { runWorker } from './worker.ts';
import type { World } from './world.ts';

const customers = ['5001', '5002'];

/** What those who play in a story leave behind. */
export interface Traces {
  told: Told[];
  /** What was wrong while the story went on. */
  noticed: Violation[];
  /** Orders that somebody had to help, by id, and how often. */
  helped: ReadonlyMap<string, number>;
  book: OrderBook;
  kept: KeptSubscriptions;
  mirror: Mirror;
  /** Subscriptions and orders that cannot be read. */
  odd: { subscriptions: OddRecords; orders: OddRecords };
  /** What Work 365 was told. */
  client: StrictClient;
  /** Whether all news have arrived, and CMP was read since it last changed. */
  quiet(): boolean;
}

/** Sets everybody going: workers, buyers, people in the portal, the operator, the mirror, those who hear of it all. */
export function cast(world: World, dice: Dice): Traces {
  const { clock, store, model, line, events, seed } = world;
  const told: Told[] = [];
  const noticed: Violation[] = [];

  const book = new OrderBook(events);
  const kept = new KeptSubscriptions(store, events);
  const mirror = new Mirror(clock, seed + 2);
  const hearers = {
    book: new Hearer(book.effect, clock, dice.fork('order book'), events),
    kept: new Hearer(kept.effect, clock, dice.fork('keeper'), events),
  };
  const carriers = [
    new Carrier(store.outbox, hearers.book, clock, dice.fork('carrier'), events),
    new Carrier(mirror.outbox, hearers.kept, clock, dice.fork('carrier of the mirror'), events),
  ];
  const freshness = { readAt: 0 };
  const seen = withMisleadingReadings(line, kept.states, clock, dice.fork('misled'));
  const odd = {
    subscriptions: new OddRecords(clock, dice.fork('odd subscriptions'), 0.2),
    orders: new OddRecords(clock, dice.fork('odd orders')),
  };
  const cmp = withOddRecords(seen.cmp, odd.subscriptions, odd.orders);
  void keepMirror({ mirror, cmp, clock, dice: dice.fork('mirror'), rules: events }, freshness);
  const client = new StrictClient(events, dice.fork('client'));
  void lookNowAndThen(client, kept, clock, dice.fork('looks of the client'));
  void watchWindows(kept, model, clock, dice.fork('windows'), noticed);

  for (const customer of customers) {
    const estate = drawEstate(model, customer, clock.now(), dice.fork(`estate ${customer}`));
    const wanted = drawCommands(dice.fork(`commands ${customer}`), customer, estate);
    void giveCommands(wanted, { ...world, dice: dice.fork(`giving ${customer}`) }, told);
    void liveBeside(model, customer, estate, clock, dice.fork(`beside ${customer}`));
    void wipeSome(model, estate, clock, dice.fork(`wiped ${customer}`));
    void transferSome(model, customers, estate, clock, dice.fork(`transfers ${customer}`));
  }
  for (const name of ['one', 'two']) void runWorker(name, world, dice.fork(`worker ${name}`));
  const helped = operate(world, dice.fork('operator'), noticed);

  const quiet = () => {
    model.settle();
    const idle = carriers.every((carrier) => carrier.idle);
    const readable = Math.max(odd.subscriptions.readableFrom, odd.orders.readableFrom);
    const since = Math.max(model.changedAt, readable) + 5 * 60_000;
    // What an order that cannot be read has changed, only a scrub finds.
    const hidden = odd.orders.any ? model.changedAt : 0;
    const detailsSince = Math.max(seen.truthfulFrom, odd.subscriptions.readableFrom, hidden);
    const read = mirror.detailsSince(
      detailsSince,
      (id) => odd.subscriptions.isOdd(id) || model.subscriptions.get(id)?.wiped === true,
    );
    const followed = mirror.ordersRead((id) => odd.orders.isOdd(id));
    return idle && freshness.readAt > since && read && followed;
  };
  return { told, noticed, helped, book, kept, mirror, odd, client, quiet };
}

async function lookNowAndThen(
  client: StrictClient,
  { states, owners }: KeptSubscriptions,
  clock: Clock,
  dice: Dice,
): Promise<never> {
  for (;;) {
    await clock.sleep(dice.between(60, 12 * 60) * 60_000);
    client.readSubscriptions(states, owners);
  }
}
