import type { Clock, Period } from '@isthmus/domain';
import { Problem } from '@isthmus/service-kit';
import type { OrderProduct, OrderSpec } from '@isthmus/subscription-lifecycle/orders/order.ts';
import { requestWithdrawal } from '@isthmus/subscription-lifecycle/orders/protocol/order-policy.ts';
import { StoreFailed } from '@isthmus/subscription-lifecycle/orders/protocol/ordering.ts';
import type { ModelCmp } from '../cmp/model-cmp.ts';
import type { ModelSubscription } from '../cmp/model-records.ts';
import type { MemoryStore, OrderIntake } from '../world/memory-store.ts';
import type { Transact } from '../world/process-faults.ts';
import type { Random } from '../world/random.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
export const mpns = ['CFQ7TTC0LH16:0001', 'CFQ7TTC0LDPB:0001'] as const;

/** The ways in which each of them is sold: the same mpn in several terms. */
export const ways = [
  { term: { type: 'month', duration: 1 }, billingPeriod: { type: 'month', duration: 1 } },
  { term: { type: 'year', duration: 1 }, billingPeriod: { type: 'month', duration: 1 } },
  { term: { type: 'year', duration: 1 }, billingPeriod: { type: 'year', duration: 1 } },
  { term: { type: 'year', duration: 3 }, billingPeriod: { type: 'month', duration: 1 } },
] as const satisfies readonly { term: Period; billingPeriod: Period }[];

/** Sold beside them. */
const addOnMpn = 'CFQ7TTC0HL8Z:0001';

const monthly = { term: ways[0].term, billing: ways[0].billingPeriod };

/** What a customer has when the scenario begins. */
export interface Holdings {
  /** The windows of some close while the scenario goes on. */
  ordered: ModelSubscription[];
  /** Its term ends within days, so that a change can be kept for its renewal. */
  renewing: ModelSubscription;
  /** Changed in the portal only. */
  leftAlone: ModelSubscription;
}

export function drawHoldings(model: ModelCmp, customerId: string, now: number, random: Random): Holdings {
  const open = (mpn: string, at: number, terms?: ModelSubscription['terms']) =>
    model.open(
      { customerId, mpn, terms, quantity: random.between(1, 40), status: 'active', addOn: addOn() },
      at,
    );
  const addOn = () => (random.chance(0.4) ? { mpn: addOnMpn, quantity: random.between(1, 40) } : undefined);
  // Bought a week ago but for some hours, or long ago.
  const bought = () =>
    random.chance(0.5)
      ? now - 7 * day + random.between(-30 * minute, 20 * hour)
      : now - random.between(1, 300) * day - random.between(0, day);
  const endsAfter = random.between(2 * hour, 4 * day);
  return {
    ordered: mpns.map((mpn) => open(mpn, bought())),
    renewing: open(mpns[0], now + endsAfter - 30 * day, monthly),
    leftAlone: open(mpns[1], bought()),
  };
}

/** A command and its idempotency key. */
export interface Command {
  key: string;
  spec: OrderSpec;
}

const productOf = (mpn: string): OrderProduct => ({ vendor: 'MICROSOFT', mpn });

/** The commands for one account in the course of a day, some at the same time, some alike. */
export function drawCommands(random: Random, cmpAccountId: string, holdings: Holdings): Command[] {
  const specs = Array.from({ length: random.between(4, 8) }, () => drawSpec(random, cmpAccountId, holdings));
  // One at a time is kept for the renewal; CMP takes no second one.
  if (random.chance(0.3))
    specs.splice(random.between(0, 3), 0, keptForRenewal(random, cmpAccountId, holdings));
  return specs.map((spec, n) => ({ key: `${cmpAccountId}-${n}`, spec }));
}

function drawSpec(random: Random, cmpAccountId: string, { ordered, renewing }: Holdings): OrderSpec {
  const { id: cmpSubscriptionId, mpn } = random.chance(0.12) ? renewing : random.pick(ordered);
  const of = { cmpAccountId, cmpSubscriptionId };
  const roll = random.next();
  if (roll < 0.45)
    return {
      kind: 'create',
      cmpAccountId,
      product: { ...productOf(random.pick(mpns)), ...random.pick(ways) },
      seats: random.between(1, 50),
      parameters: [],
    };
  if (roll < 0.85)
    return {
      kind: 'change-quantity',
      ...of,
      product: productOf(mpn),
      seats: random.between(1, 60),
      when: 'now',
    };
  if (roll < 0.92) return { kind: 'renewal-setting', ...of, autoRenew: random.chance(0.5) };
  return { kind: 'cancel', ...of };
}

const keptForRenewal = (random: Random, cmpAccountId: string, { renewing }: Holdings): OrderSpec => ({
  kind: 'change-quantity',
  cmpAccountId,
  cmpSubscriptionId: renewing.id,
  product: productOf(renewing.mpn),
  seats: random.between(1, 60),
  when: 'renewal',
});

/** The response to a command: the order, or that the key belongs to another command. */
export interface CommandOutcome {
  key: string;
  spec: OrderSpec;
  answer: { orderId: string } | { status: number };
}

interface Ordering {
  intake: OrderIntake;
  database: Transact;
  store: MemoryStore;
  clock: Clock;
  random: Random;
}

/** Sends the commands over the day, some many times at once as programs do without a response, some to be withdrawn. */
export async function sendCommands(
  commands: readonly Command[],
  ordering: Ordering,
  outcomes: CommandOutcome[],
): Promise<void> {
  const { clock, random, store } = ordering;
  for (const { key, spec } of commands) {
    const times = random.chance(0.2) ? random.between(2, random.chance(0.05) ? 50 : 5) : 1;
    const specs = Array.from({ length: times }, () => spec);
    // A program with a mistake in it, using a key again.
    if (random.chance(0.1)) specs.push(otherThan(spec));
    const answers = await Promise.all(specs.map((one) => sendOnce(key, one, ordering)));
    outcomes.push(...answers);
    const first = answers[0]!.answer;
    if (random.chance(0.06) && 'orderId' in first)
      void withdrawLater(first.orderId, store, clock, random.between(1_000, 90 * minute));
    await clock.sleep(random.chance(0.4) ? random.between(0, 2_000) : random.between(minute, 120 * minute));
  }
}

/** Repeats the command with its key until there is a response. */
async function sendOnce(
  key: string,
  spec: OrderSpec,
  { intake, database, clock, random }: Ordering,
): Promise<CommandOutcome> {
  for (;;) {
    try {
      const { headers } = await database(() => intake.place(key, spec));
      return { key, spec, answer: { orderId: headers.location!.split('/').at(-1)! } };
    } catch (error) {
      if (error instanceof Problem) return { key, spec, answer: { status: error.status } };
      if (!(error instanceof StoreFailed)) throw error;
      await clock.sleep(random.between(500, 2 * minute));
    }
  }
}

/** Another command that could have been meant. */
function otherThan(spec: OrderSpec): OrderSpec {
  if (spec.kind === 'create' || spec.kind === 'change-quantity') return { ...spec, seats: spec.seats + 1 };
  const { cmpAccountId, cmpSubscriptionId } = spec;
  const autoRenew = spec.kind === 'renewal-setting' && !spec.autoRenew;
  return { kind: 'renewal-setting', cmpAccountId, cmpSubscriptionId, autoRenew };
}

async function withdrawLater(id: string, store: MemoryStore, clock: Clock, after: number): Promise<void> {
  await clock.sleep(after);
  await store.change(id, requestWithdrawal);
}
