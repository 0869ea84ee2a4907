import { VirtualClock } from '@isthmus/domain';
import type { OrderRecord } from '../domain/order/order-record.ts';
import { isFinal } from '../domain/order/order-lifecycle.ts';
import { defaultPatience } from '../domain/order/patience.ts';
import { orderingRules } from '../ordering/ordering-rules.ts';
import { badDatabase, behind } from './bad-database.ts';
import { drawCommands, giveCommands, type Told } from './buyers.ts';
import { checkCommands } from './check/check-commands.ts';
import { checkEvents } from './check/check-events.ts';
import { checkOrders } from './check/check-orders.ts';
import { checkMirror } from './check/check-mirror.ts';
import { checkSubscriptions } from './check/check-subscriptions.ts';
import { watchWindows } from './check/watch-windows.ts';
import { keepMirror } from './mirror/keep-mirror.ts';
import { KeptSubscriptions } from './mirror/kept-subscriptions.ts';
import { Mirror } from './mirror/mirror.ts';
import { checkQueues } from './check/check-order-of-events.ts';
import type { Violation } from './check/violation.ts';
import { ModelCmp } from './cmp/model-cmp.ts';
import { drawWays } from './cmp/ways.ts';
import { drawEstate } from './estate.ts';
import { simulatedCmp, type LedgerEntry } from './cmp/simulated-cmp.ts';
import { CommandDesk } from './command-desk.ts';
import { diceOf } from './dice.ts';
import { Carrier } from './events/carrier.ts';
import { eventRules } from './events/event-rules.ts';
import { Hearer } from './events/hearer.ts';
import { OrderBook } from './events/order-book.ts';
import { MemoryStore, type PublicOrder } from './memory-store.ts';
import { liveBeside } from './neighbours.ts';
import type { Bug } from './bugs/bug.ts';
import { operate } from './operator.ts';
import { runWorker, type WorkerWorld } from './worker.ts';

const hour = 3_600_000;
const customers = ['5001', '5002'];

/** What became of one seed. */
export interface Outcome {
  seed: number;
  violations: Violation[];
  orders: PublicOrder[];
  /** Orders that could end without a person: CMP finished them and did not lie about their effect. */
  curable: number;
  /** Those of them that did. */
  unaided: number;
}

/** Plays one story from its seed: equal seeds, equal stories, call by call. */
export async function playStory(seed: number, bug?: Bug, tell?: (line: string) => void): Promise<Outcome> {
  const dice = diceOf(seed);
  const clock = new VirtualClock(Date.UTC(2026, 1, 26) + dice.between(0, 365 * 24) * hour);
  const model = new ModelCmp(() => clock.now(), drawWays(dice.fork('ways')));
  const cmp = simulatedCmp(model, clock, dice.fork('cmp'));
  const store = new MemoryStore(clock, seed);
  if (tell) store.watch = (order, fence) => tell(momentOf(order, fence, clock.now()));
  const longestPause = dice.chance(0.3) ? 8 * hour : 5 * 60_000;
  const database = badDatabase(clock, dice.fork('database'));
  const plain: WorkerWorld = {
    clock,
    store,
    database,
    held: behind(store, database),
    desk: new CommandDesk(store),
    cmp,
    events: { ...eventRules },
    defects: [],
    rules: { ...orderingRules, patience: { ...defaultPatience }, listing: { pageSize: 4, overlap: 1 } },
    hardships: { crash: dice.pick([0, 0.004, 0.02]), pause: dice.pick([0, 0.004, 0.02]), longestPause },
  };
  const world = bug?.world?.(plain, store) ?? plain;
  const { desk } = world;
  const falseAlarms: string[] = [];
  const told: Told[] = [];
  const early: Violation[] = [];
  const book = new OrderBook(world.events);
  const hearer = new Hearer(book.effect, clock, dice.fork('order book'), world.events);
  const mirror = new Mirror(clock, seed + 2);
  const kept = new KeptSubscriptions(store, world.events);
  const keeper = new Hearer(kept.effect, clock, dice.fork('keeper'), world.events);
  const carriers = [
    new Carrier(store.outbox, hearer, clock, dice.fork('carrier'), world.events),
    new Carrier(mirror.outbox, keeper, clock, dice.fork('carrier of the mirror'), world.events),
  ];
  const freshness = { readAt: 0 };
  const reading = { mirror, cmp, clock, dice: dice.fork('mirror'), rules: world.events };
  void keepMirror(reading, freshness);
  void watchWindows(kept.states, model, clock, dice.fork('windows'), early);
  for (const customer of customers) {
    const estate = drawEstate(model, customer, clock.now(), dice.fork(`estate ${customer}`));
    const wanted = drawCommands(dice.fork(`commands ${customer}`), customer, estate);
    const counter = { desk, database: world.database, store, clock, dice: dice.fork(`giving ${customer}`) };
    void giveCommands(wanted, counter, told);
    void liveBeside(model, customer, estate, clock, dice.fork(`beside ${customer}`));
  }
  for (const name of ['one', 'two']) void runWorker(name, world, dice.fork(`worker ${name}`));

  const helped = operate(store, model, cmp, clock, dice.fork('operator'), falseAlarms);

  const end = clock.now() + 18 * hour + 40 * 6 * hour;
  const keptBeyond = ({ order }: LedgerEntry): boolean =>
    order.scheduled &&
    order.status === 'processing' &&
    model.subscriptions.get(order.subscriptionId!)!.renewsAt > end;
  const waits = ({ marker, status }: PublicOrder): boolean =>
    status === 'scheduled' &&
    cmp.ledger.some((entry) => entry.order.poNumber === marker && keptBeyond(entry));
  const isOpen = (order: PublicOrder): boolean => !isFinal(order.status) && !waits(order);
  await clock.advance(18 * hour);
  while (clock.now() < end && store.publicOrders().some(isOpen)) await clock.advance(6 * hour);
  model.settle();
  const quiet = () => carriers.every(({ idle }) => idle) && freshness.readAt > model.changedAt + 5 * 60_000;
  for (let tries = 0; tries < 20 * 24 && !quiet(); tries += 1) {
    await clock.advance(hour);
    model.settle();
  }

  const orders = store.publicOrders();
  const hopelessAtCmp = ({ marker }: PublicOrder) =>
    cmp.ledger.some(
      ({ order: { posted, fate }, takes }) =>
        posted?.poNumber === marker &&
        (fate === 'no-effect' || fate === 'other-effect' || takes === Infinity),
    );
  const curable = orders.filter((order) => !hopelessAtCmp(order));
  return {
    seed,
    violations: [
      ...checkCommands(told, orders),
      ...checkOrders({ ledger: cmp.ledger, orders, kept: keptBeyond }),
      ...checkQueues(cmp.ledger, orders, store.history),
      ...early,
      ...(quiet() ? [] : [{ rule: 'it comes to rest', detail: 'news or readings never arrived' }]),
      ...checkMirror(model.orders, mirror.orders),
      ...checkSubscriptions({
        atCmp: model.subscriptions.values(),
        kept: kept.states,
        applied: kept.applied,
      }),
      ...checkEvents({ ...book, history: store.history, kept: book.orders }),
      ...falseAlarms.map((detail) => ({ rule: 'no false alarm', detail })),
      ...plain.defects.map((detail) => ({ rule: 'no defect', detail })),
    ],
    orders,
    curable: curable.length,
    unaided: curable.filter(({ id }) => !helped.has(id)).length,
  };
}

const momentOf = (
  { id, status, attempts, absentLooks, cmpOrderId, reason }: OrderRecord,
  fence: number,
  now: number,
) =>
  `${new Date(now).toISOString()} ${id.slice(-4)} ${status.padEnd(16)} fence ${fence} sent ${attempts} absent ${absentLooks} ${cmpOrderId ?? '-'} ${reason?.code ?? ''}`;
