import { VirtualClock } from '@isthmus/domain';
import { isFinal } from '@isthmus/subscription-lifecycle/orders/order-lifecycle.ts';
import type { OrderRecord } from '@isthmus/subscription-lifecycle/orders/order.ts';
import { startActors } from './actors/start-actors.ts';
import type { Bug } from './bugs/bug.ts';
import { checkScenario } from './check/checker.ts';
import type { Violation } from './check/check-orders.ts';
import type { LedgerEntry } from './cmp/simulated-cmp.ts';
import type { PublicOrder } from './world/memory-store.ts';
import { seededRandom } from './world/random.ts';
import { drawWorld, type World } from './world/world.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** The outcome of one seed. */
export interface ScenarioResult {
  seed: number;
  violations: Violation[];
  orders: PublicOrder[];
  /** Orders that could end without a person: CMP finished them and did not lie about their effect. */
  curable: number;
  /** Those of them that did. */
  unaided: number;
}

/** Runs one scenario from its seed: equal seeds give equal scenarios, call by call. */
export async function runScenario(
  seed: number,
  bug?: Bug,
  print?: (line: string) => void,
): Promise<ScenarioResult> {
  const random = seededRandom(seed);
  const clock = new VirtualClock(Date.UTC(2026, 1, 26) + random.between(0, 365 * 24) * hour);
  const right = drawWorld(seed, clock, random);
  const { store, model, line } = right;
  if (print) store.onWrite = (order, fence) => print(traceLine(order, fence, clock.now()));
  const world: World = { ...right, ...bug?.world?.(right, store), store };
  const observations = startActors(world, random);

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
  while (clock.now() < began + 45 * day && (store.publicOrders().some(isOpen) || !observations.quiet()))
    await clock.advance(2 * hour);

  const orders = store.publicOrders();
  const cannotEnd = ({ order: { fate }, takes }: LedgerEntry) =>
    fate === 'no-effect' || fate === 'other-effect' || takes === Infinity;
  // What was given to people because its subscription moved is theirs.
  const curable = orders.filter(
    (order) => !entriesOf(order).some(cannotEnd) && !observations.kept.stopped.has(order.id),
  );
  return {
    seed,
    violations: checkScenario(world, observations, waits),
    orders,
    curable: curable.length,
    unaided: curable.filter(({ id }) => !observations.helped.has(id)).length,
  };
}

const traceLine = (
  { id, status, attempts, absentLooks, cmpOrderId, reason }: OrderRecord,
  fence: number,
  now: number,
) =>
  `${new Date(now).toISOString()} ${id.slice(-4)} ${status.padEnd(16)} fence ${fence} sent ${attempts} absent ${absentLooks} ${cmpOrderId ?? '-'} ${reason?.code ?? ''}`;
