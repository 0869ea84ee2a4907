import { VirtualClock } from '@isthmus/domain';
import type { OrderRecord } from '@isthmus/subscription-lifecycle/orders/order.ts';
import { isFinal } from '@isthmus/subscription-lifecycle/orders/order-lifecycle.ts';
import type { Bug } from './bugs/bug.ts';
import { cast } from './cast.ts';
import { judge } from './check/judge.ts';
import type { Violation } from './check/violation.ts';
import type { LedgerEntry } from './cmp/simulated-cmp.ts';
import { diceOf } from './dice.ts';
import type { PublicOrder } from './memory-store.ts';
import { drawWorld, type World } from './world.ts';

const hour = 3_600_000;
const day = 24 * hour;

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
  const right = drawWorld(seed, clock, dice);
  const { store, model, line } = right;
  if (tell) store.watch = (order, fence) => tell(momentOf(order, fence, clock.now()));
  const world: World = { ...right, ...bug?.world?.(right, store), store };
  const traces = cast(world, dice);

  const began = clock.now();
  const renewsAt = ({ order }: LedgerEntry) => model.subscriptions.get(order.subscriptionId!)!.renewsAt;
  /** CMP keeps it for a renewal that nobody waits for. */
  const waits = (entry: LedgerEntry): boolean =>
    entry.order.scheduled &&
    entry.order.status === 'processing' &&
    renewsAt(entry) > Math.max(began + 11 * day, clock.now() + day);
  const entriesOf = ({ marker }: PublicOrder) =>
    line.ledger.filter(({ order: { posted } }) => posted?.poNumber === marker);
  const isOpen = (order: PublicOrder): boolean =>
    !isFinal(order.status) && !(order.status === 'scheduled' && entriesOf(order).some(waits));

  await clock.advance(18 * hour);
  while (clock.now() < began + 45 * day && (store.publicOrders().some(isOpen) || !traces.quiet()))
    await clock.advance(2 * hour);

  const orders = store.publicOrders();
  const hopeless = ({ order: { fate }, takes }: LedgerEntry) =>
    fate === 'no-effect' || fate === 'other-effect' || takes === Infinity;
  // What was given to people because its subscription moved is theirs.
  const curable = orders.filter(
    (order) => !entriesOf(order).some(hopeless) && !traces.kept.stopped.has(order.id),
  );
  return {
    seed,
    violations: judge(world, traces, waits),
    orders,
    curable: curable.length,
    unaided: curable.filter(({ id }) => !traces.helped.has(id)).length,
  };
}

const momentOf = (
  { id, status, attempts, absentLooks, cmpOrderId, reason }: OrderRecord,
  fence: number,
  now: number,
) =>
  `${new Date(now).toISOString()} ${id.slice(-4)} ${status.padEnd(16)} fence ${fence} sent ${attempts} absent ${absentLooks} ${cmpOrderId ?? '-'} ${reason?.code ?? ''}`;
