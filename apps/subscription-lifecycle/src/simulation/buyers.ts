import type { Clock } from '@isthmus/domain';
import { askWithdrawal } from '../domain/order/by-hand.ts';
import type { OrderAsk, OrderProduct } from '../domain/order/order-ask.ts';
import type { ModelSubscription } from './cmp/model-order.ts';
import type { Dice } from './dice.ts';
import type { MemoryStore } from './memory-store.ts';

const minute = 60_000;

/** A command as somebody gave it, under a key of their own. */
export interface Command {
  key: string;
  ask: OrderAsk;
}

export const products: OrderProduct[] = ['CFQ7TTC0LH16:0001', 'CFQ7TTC0LDPB:0001'].map((mpn) => ({
  vendor: 'MICROSOFT',
  mpn,
}));

/** What people want of one account in the course of a day; some of it at once, some of it the same thing twice. */
export function drawCommands(
  dice: Dice,
  cmpAccountId: string,
  owned: readonly ModelSubscription[],
): Command[] {
  const count = dice.between(4, 8);
  return Array.from({ length: count }, (_, n) => ({
    key: `${cmpAccountId}-${n}`,
    ask: drawAsk(dice, cmpAccountId, owned),
  }));
}

function drawAsk(dice: Dice, cmpAccountId: string, owned: readonly ModelSubscription[]): OrderAsk {
  const { id: cmpSubscriptionId, mpn } = dice.pick(owned);
  const of = { cmpAccountId, cmpSubscriptionId };
  const roll = dice.next();
  if (roll < 0.5)
    return {
      kind: 'create',
      cmpAccountId,
      product: dice.pick(products),
      seats: dice.between(1, 50),
      parameters: [],
    };
  if (roll < 0.85)
    return {
      kind: 'change-quantity',
      ...of,
      product: { vendor: 'MICROSOFT', mpn },
      seats: dice.between(1, 60),
      when: 'now',
    };
  if (roll < 0.92) return { kind: 'renewal-setting', ...of, autoRenew: dice.chance(0.5) };
  return { kind: 'cancel', ...of };
}

/** Gives the commands over the day, some several times at once as programs do that heard no answer, some to be withdrawn. */
export async function giveCommands(
  commands: readonly Command[],
  store: MemoryStore,
  clock: Clock,
  dice: Dice,
  accepted: Map<string, Command>,
): Promise<void> {
  for (const command of commands) {
    const times = dice.chance(0.2) ? dice.between(2, 5) : 1;
    const ids = await Promise.all(
      Array.from({ length: times }, () => store.accept(command.key, command.ask)),
    );
    for (const id of ids) accepted.set(id, command);
    if (dice.chance(0.06)) void withdrawLater(ids[0]!, store, clock, dice.between(1_000, 90 * minute));
    await clock.sleep(dice.chance(0.4) ? dice.between(0, 2_000) : dice.between(minute, 120 * minute));
  }
}

async function withdrawLater(id: string, store: MemoryStore, clock: Clock, after: number): Promise<void> {
  await clock.sleep(after);
  await store.change(id, askWithdrawal);
}
