import { isDeepStrictEqual } from 'node:util';
import type { Told } from '../buyers.ts';
import type { PublicOrder } from '../memory-store.ts';
import type { Violation } from './violation.ts';

/** What everybody was told about their commands against the orders there are: one key, one order, and that one as told. */
export function checkCommands(told: readonly Told[], orders: readonly PublicOrder[]): Violation[] {
  const violations: Violation[] = [];
  const broken = (rule: string, detail: string) => violations.push({ rule, detail });
  const known = new Map(orders.map((order) => [order.id, order]));
  const keys = Map.groupBy(told, ({ key }) => key);
  if (orders.length !== keys.size)
    broken('one order per command', `${keys.size} commands became ${orders.length} orders`);
  for (const [key, answers] of keys) {
    const ids = new Set(answers.flatMap(({ answer }) => ('orderId' in answer ? answer.orderId : [])));
    const [id] = ids;
    if (ids.size !== 1)
      broken('one order per command', `${key} became ${[...ids].join(' and ') || 'nothing'}`);
    const order = id === undefined ? undefined : known.get(id);
    for (const { ask, answer } of answers) {
      const same = isDeepStrictEqual(ask, order?.ask);
      if ('orderId' in answer && !same)
        broken('a key is for one command', `${key}: ${answer.orderId} is not what was asked for`);
      if ('status' in answer && (same || answer.status !== 422))
        broken('a key is for one command', `${key}: answered ${answer.status}`);
    }
  }
  return violations;
}
