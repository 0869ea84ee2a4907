import type { Clock } from '@isthmus/domain';
import { Problem } from '@isthmus/service-kit';
import { requestWithdrawal } from '@isthmus/subscription-lifecycle/orders/protocol/order-policy.ts';
import type { OrderSpec, OrderProduct } from '@isthmus/subscription-lifecycle/orders/order.ts';
import type { Transact } from './bad-database.ts';
import { StoreFailed } from '@isthmus/subscription-lifecycle/orders/protocol/ordering.ts';
import type { CommandDesk } from './command-desk.ts';
import type { Dice } from './dice.ts';
import { mpns, ways, type Estate } from './estate.ts';
import type { MemoryStore } from './memory-store.ts';

const minute = 60_000;

/** A command as somebody gave it, under a key of their own. */
export interface Command {
  key: string;
  ask: OrderSpec;
}

const productOf = (mpn: string): OrderProduct => ({ vendor: 'MICROSOFT', mpn });

/** What people want of one account in the course of a day; some of it at once, some of it the same thing twice. */
export function drawCommands(dice: Dice, cmpAccountId: string, estate: Estate): Command[] {
  const asks = Array.from({ length: dice.between(4, 8) }, () => drawAsk(dice, cmpAccountId, estate));
  // One at a time is kept for the renewal; CMP takes no second one.
  if (dice.chance(0.3)) asks.splice(dice.between(0, 3), 0, keptForRenewal(dice, cmpAccountId, estate));
  return asks.map((ask, n) => ({ key: `${cmpAccountId}-${n}`, ask }));
}

function drawAsk(dice: Dice, cmpAccountId: string, { ordered, renewing }: Estate): OrderSpec {
  const { id: cmpSubscriptionId, mpn } = dice.chance(0.12) ? renewing : dice.pick(ordered);
  const of = { cmpAccountId, cmpSubscriptionId };
  const roll = dice.next();
  if (roll < 0.45)
    return {
      kind: 'create',
      cmpAccountId,
      product: { ...productOf(dice.pick(mpns)), ...dice.pick(ways) },
      seats: dice.between(1, 50),
      parameters: [],
    };
  if (roll < 0.85)
    return {
      kind: 'change-quantity',
      ...of,
      product: productOf(mpn),
      seats: dice.between(1, 60),
      when: 'now',
    };
  if (roll < 0.92) return { kind: 'renewal-setting', ...of, autoRenew: dice.chance(0.5) };
  return { kind: 'cancel', ...of };
}

const keptForRenewal = (dice: Dice, cmpAccountId: string, { renewing }: Estate): OrderSpec => ({
  kind: 'change-quantity',
  cmpAccountId,
  cmpSubscriptionId: renewing.id,
  product: productOf(renewing.mpn),
  seats: dice.between(1, 60),
  when: 'renewal',
});

/** What somebody who gave a command was told: the order, or that the key belongs to another command. */
export interface Told {
  key: string;
  ask: OrderSpec;
  answer: { orderId: string } | { status: number };
}

interface Counter {
  desk: CommandDesk;
  database: Transact;
  store: MemoryStore;
  clock: Clock;
  dice: Dice;
}

/** Gives the commands over the day, some many times at once as programs do that heard no answer, some to be withdrawn. */
export async function giveCommands(
  commands: readonly Command[],
  counter: Counter,
  told: Told[],
): Promise<void> {
  const { clock, dice, store } = counter;
  for (const { key, ask } of commands) {
    const times = dice.chance(0.2) ? dice.between(2, dice.chance(0.05) ? 50 : 5) : 1;
    const asks = Array.from({ length: times }, () => ask);
    // A program with a mistake in it, using a key again.
    if (dice.chance(0.1)) asks.push(otherThan(ask));
    const answers = await Promise.all(asks.map((one) => give(key, one, counter)));
    told.push(...answers);
    const first = answers[0]!.answer;
    if (dice.chance(0.06) && 'orderId' in first)
      void withdrawLater(first.orderId, store, clock, dice.between(1_000, 90 * minute));
    await clock.sleep(dice.chance(0.4) ? dice.between(0, 2_000) : dice.between(minute, 120 * minute));
  }
}

/** Whoever hears nothing gives the command again, with its key. */
async function give(key: string, ask: OrderSpec, { desk, database, clock, dice }: Counter): Promise<Told> {
  for (;;) {
    try {
      const { headers } = await database(() => desk.place(key, ask));
      return { key, ask, answer: { orderId: headers.location!.split('/').at(-1)! } };
    } catch (error) {
      if (error instanceof Problem) return { key, ask, answer: { status: error.status } };
      if (!(error instanceof StoreFailed)) throw error;
      await clock.sleep(dice.between(500, 2 * minute));
    }
  }
}

/** Another command that could have been meant. */
function otherThan(ask: OrderSpec): OrderSpec {
  if (ask.kind === 'create' || ask.kind === 'change-quantity') return { ...ask, seats: ask.seats + 1 };
  const { cmpAccountId, cmpSubscriptionId } = ask;
  const autoRenew = ask.kind === 'renewal-setting' && !ask.autoRenew;
  return { kind: 'renewal-setting', cmpAccountId, cmpSubscriptionId, autoRenew };
}

async function withdrawLater(id: string, store: MemoryStore, clock: Clock, after: number): Promise<void> {
  await clock.sleep(after);
  await store.change(id, requestWithdrawal);
}
