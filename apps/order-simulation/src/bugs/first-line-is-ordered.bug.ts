import { withRules } from './bug.ts';
import type { Bug } from './bug.ts';

export const firstLineIsOrdered: Bug = {
  name: 'first-line-is-ordered',
  mistake: 'A change is ordered for the first product that CMP shows of the subscription.',
  world(right) {
    const first = new Map<string, string>();
    return withRules(right, {
      evaluateChecks(order, facts, now) {
        const { id, products: [line] = [] } = facts.subscription ?? {};
        if (id && line) first.set(id, line.mpn);
        return right.rules.evaluateChecks(order, facts, now);
      },
      orderRequest(ask, marker) {
        const request = right.rules.orderRequest(ask, marker);
        const mpn = ask.kind === 'change-quantity' && first.get(ask.cmpSubscriptionId);
        return mpn ? { ...request, products: request.products?.map((line) => ({ ...line, mpn })) } : request;
      },
    });
  },
};
