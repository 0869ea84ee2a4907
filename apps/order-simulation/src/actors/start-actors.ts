import type { Clock } from '@isthmus/domain';
import { watchWindows } from '../check/check-subscriptions.ts';
import { StrictClient } from '../check/strict-client.ts';
import type { Violation } from '../check/check-orders.ts';
import { Mirror } from '../mirror/mirror.ts';
import { runMirror } from '../mirror/read-cmp.ts';
import { OddRecords, withMisleadingReadings, withOddRecords } from '../mirror/reading-faults.ts';
import { SubscriptionProjection } from '../mirror/subscription-projection.ts';
import { Consumer, MessageBus, OrderProjection } from '../world/event-bus.ts';
import type { Random } from '../world/random.ts';
import type { World } from '../world/world.ts';
import { type CommandOutcome, drawCommands, drawHoldings, sendCommands } from './customers.ts';
import { runOperator } from './operator.ts';
import { transferSubscriptions, usePortal, wipeSubscription } from './portal-users.ts';
import { runWorker } from './worker.ts';

const customers = ['5001', '5002'];

/** What is observed of a scenario, for the checker. */
export interface Observations {
  outcomes: CommandOutcome[];
  /** What was wrong while the scenario went on. */
  noticed: Violation[];
  /** How often the operator had to help an order, by its id. */
  helped: ReadonlyMap<string, number>;
  orderProjection: OrderProjection;
  kept: SubscriptionProjection;
  mirror: Mirror;
  /** Subscriptions and orders that cannot be read. */
  odd: { subscriptions: OddRecords; orders: OddRecords };
  /** What Work 365 was told. */
  client: StrictClient;
  /** Whether all events have arrived, and CMP was read since it last changed. */
  quiet(): boolean;
}

/** Starts every actor: workers, customers, portal users, the operator, the mirror, and the consumers of events. */
export function startActors(world: World, random: Random): Observations {
  const { clock, store, model, line, events, seed } = world;
  const outcomes: CommandOutcome[] = [];
  const noticed: Violation[] = [];

  const orderProjection = new OrderProjection(events);
  const kept = new SubscriptionProjection(store, events);
  const mirror = new Mirror(clock, seed + 2);
  const consumers = {
    orderProjection: new Consumer(orderProjection.handler, clock, random.fork('order book'), events),
    kept: new Consumer(kept.handler, clock, random.fork('keeper'), events),
  };
  const buses = [
    new MessageBus(store.outbox, consumers.orderProjection, clock, random.fork('carrier'), events),
    new MessageBus(mirror.outbox, consumers.kept, clock, random.fork('carrier of the mirror'), events),
  ];
  const freshness = { readAt: 0 };
  const seen = withMisleadingReadings(line, kept.states, clock, random.fork('misled'));
  const odd = {
    subscriptions: new OddRecords(clock, random.fork('odd subscriptions'), 0.2),
    orders: new OddRecords(clock, random.fork('odd orders')),
  };
  const cmp = withOddRecords(seen.cmp, odd.subscriptions, odd.orders);
  void runMirror({ mirror, cmp, clock, random: random.fork('mirror'), rules: events }, freshness);
  const client = new StrictClient(events, random.fork('client'));
  void readPeriodically(client, kept, clock, random.fork('looks of the client'));
  void watchWindows(kept, model, clock, random.fork('windows'), noticed);

  for (const customer of customers) {
    const holdings = drawHoldings(model, customer, clock.now(), random.fork(`estate ${customer}`));
    const wanted = drawCommands(random.fork(`commands ${customer}`), customer, holdings);
    void sendCommands(wanted, { ...world, random: random.fork(`giving ${customer}`) }, outcomes);
    void usePortal(model, customer, holdings, clock, random.fork(`beside ${customer}`));
    void wipeSubscription(model, holdings, clock, random.fork(`wiped ${customer}`));
    void transferSubscriptions(model, customers, holdings, clock, random.fork(`transfers ${customer}`));
  }
  for (const name of ['one', 'two']) void runWorker(name, world, random.fork(`worker ${name}`));
  const helped = runOperator(world, random.fork('operator'), noticed);

  const quiet = () => {
    model.settle();
    const idle = buses.every((bus) => bus.idle);
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
  return { outcomes, noticed, helped, orderProjection, kept, mirror, odd, client, quiet };
}

async function readPeriodically(
  client: StrictClient,
  { states, owners }: SubscriptionProjection,
  clock: Clock,
  random: Random,
): Promise<never> {
  for (;;) {
    await clock.sleep(random.between(60, 12 * 60) * 60_000);
    client.readSubscriptions(states, owners);
  }
}
