import type { OrderSpec } from '@isthmus/subscription-lifecycle/orders/order.ts';
import { withRules } from './bug.ts';
import type { Bug } from './bug.ts';

export const termLeftOut: Bug = {
  name: 'term-left-out',
  mistake: 'A purchase names its mpn alone, and the proof looks at the mpn alone: CMP takes the usual term.',
  world: (right) =>
    withRules(right, {
      orderRequest(ask, marker) {
        const {
          subscriptionPeriod: _term,
          products = [],
          ...request
        } = right.rules.orderRequest(ask, marker);
        const bare = products.map(({ subscriptionPeriod: _of, billingPeriod: _billed, ...line }) => line);
        return products.length === 0 ? request : { ...request, products: bare };
      },
      likeness: (order, found, skew) => right.rules.likeness(withoutTerms(order), found, skew),
      missingEffect: (ask, subscription) =>
        right.rules.missingEffect(withoutTerms({ ask }).ask, subscription),
    }),
};

function withoutTerms<T extends { ask: OrderSpec }>(order: T): T {
  const { ask } = order;
  if (ask.kind !== 'create' && ask.kind !== 'change-quantity') return order;
  const { term: _term, billingPeriod: _billed, ...product } = ask.product;
  return { ...order, ask: { ...ask, product } };
}
