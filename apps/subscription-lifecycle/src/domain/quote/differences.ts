import { isDeepStrictEqual } from 'node:util';
import type { OrderAsk, OrderProduct } from '../order/order-ask.ts';

/** A field of the order that is not as it was quoted. */
export interface Difference {
  /** As the command calls it. */
  field: string;
  message: string;
}

/** What an order asks for beyond what was quoted; empty when they are the same. */
export function differences(quoted: OrderAsk, ordered: OrderAsk): Difference[] {
  const before = fieldsOf(quoted);
  const after = fieldsOf(ordered);
  return Object.keys({ ...before, ...after })
    .filter((field) => !isDeepStrictEqual(before[field], after[field]))
    .map((field) => ({
      field,
      message: `was quoted as ${print(before[field])}, not ${print(after[field])}`,
    }));
}

function fieldsOf(ask: OrderAsk): Record<string, unknown> {
  return {
    kind: ask.kind,
    account: ask.cmpAccountId,
    ...(ask.kind === 'create' ? {} : { subscription: ask.cmpSubscriptionId }),
    ...('product' in ask ? { product: nameOf(ask.product), seats: ask.seats } : {}),
    ...(ask.kind === 'change-quantity' ? { when: ask.when } : {}),
    ...(ask.kind === 'renewal-setting' ? { autoRenew: ask.autoRenew } : {}),
    ...(ask.kind === 'create'
      ? Object.fromEntries(ask.parameters.map(({ name, ...value }) => [`parameters.${name}`, plain(value)]))
      : {}),
  };
}

/** All that CMP is told of a product. */
const nameOf = ({ vendor, mpn, cmpProductId, billingPeriod, term }: OrderProduct): unknown =>
  plain({ vendor, mpn, cmpProductId, billingPeriod, term });

/** Without members that are absent, as storing leaves it. */
const plain = (value: object): unknown => JSON.parse(JSON.stringify(value));

const print = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
