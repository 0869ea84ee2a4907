import type { OrderSpec } from '@isthmus/subscription-lifecycle/orders/order.ts';
import { type Bug, withRules } from './bug.ts';

/** Mistakes in what an order says, and in how one at CMP is recognised as ours and proved to have had its effect. */
export const proofBugs: readonly Bug[] = [
  {
    name: 'renewal-at-once',
    mistake: 'A change that was asked for at the renewal is ordered to be made at once.',
    world: (right) =>
      withRules(right, {
        orderRequest: (spec, marker) =>
          right.rules.orderRequest(spec.kind === 'change-quantity' ? { ...spec, when: 'now' } : spec, marker),
      }),
  },
  {
    name: 'sends-difference',
    mistake: 'A change of quantity is sent as one seat more or fewer than it should be.',
    world: (right) =>
      withRules(right, {
        orderRequest: (spec, marker) =>
          right.rules.orderRequest(
            spec.kind === 'change-quantity' ? { ...spec, seats: spec.seats + 1 } : spec,
            marker,
          ),
        missingEffect: (spec, subscription) =>
          right.rules.missingEffect(
            spec.kind === 'change-quantity' ? { ...spec, seats: spec.seats + 1 } : spec,
            subscription,
          ),
      }),
  },
  {
    name: 'term-left-out',
    mistake:
      'A purchase names its mpn alone, and the proof looks at the mpn alone: CMP takes the usual term.',
    world: (right) =>
      withRules(right, {
        orderRequest(spec, marker) {
          const {
            subscriptionPeriod: _term,
            products = [],
            ...request
          } = right.rules.orderRequest(spec, marker);
          const bare = products.map(({ subscriptionPeriod: _of, billingPeriod: _billed, ...line }) => line);
          return products.length === 0 ? request : { ...request, products: bare };
        },
        likeness: (order, found, skew) => right.rules.likeness(withoutTerms(order), found, skew),
        missingEffect: (spec, subscription) =>
          right.rules.missingEffect(withoutTerms({ spec }).spec, subscription),
      }),
  },
  {
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
        orderRequest(spec, marker) {
          const request = right.rules.orderRequest(spec, marker);
          const mpn = spec.kind === 'change-quantity' && first.get(spec.cmpSubscriptionId);
          return mpn
            ? { ...request, products: request.products?.map((line) => ({ ...line, mpn })) }
            : request;
        },
      });
    },
  },
  {
    name: 'no-marker',
    mistake: 'The order carries nothing of ours by which it could be found again.',
    world: (right) =>
      withRules(right, {
        orderRequest: (spec, marker) => {
          const { poNumber: _number, attributes: _marked, ...bare } = right.rules.orderRequest(spec, marker);
          return bare;
        },
      }),
  },
  {
    name: 'marker-ignored',
    seed: 113,
    mistake: 'An order of the same customer, product and quantity is adopted, whoever placed it.',
    world: (right) =>
      withRules(right, {
        likeness: (order, found, skew) =>
          right.rules.likeness(order, { ...found, poNumber: order.marker }, skew),
      }),
  },
  {
    name: 'renewal-mistaken',
    mistake: 'The number alone is taken for proof, although automatic renewals copy it.',
    world: (right) => ({
      ...withRules(right, {
        likeness: (order, found) => (found.poNumber === order.marker ? { is: 'ours' } : { is: 'other' }),
      }),
      // What filtered the list by type is part of the same mistake.
      cmp: {
        ...right.cmp,
        orders: {
          ...right.cmp.orders,
          page: async (query, options) => {
            const page = await right.cmp.orders.page(query, options);
            const untyped = page.records.map((record) =>
              record.ok ? { ...record, value: { ...record.value, type: 'unknown' as const } } : record,
            );
            return { ...page, records: untyped };
          },
        },
      },
    }),
  },
  {
    name: 'incomplete-trusted',
    seed: 210,
    mistake: 'A list that lost rows while it was read is taken to show that the order is absent.',
    world: (right) => withRules(right, { trustsIncompleteListings: true }),
  },
  {
    name: 'completed-is-proof',
    mistake: 'CMP says completed, and nobody reads the subscription again.',
    world: (right) => withRules(right, { missingEffect: () => null }),
  },
  {
    name: 'gives-up-silently',
    mistake: 'An order that CMP takes days over is no longer looked after, and nobody is told.',
    world: (right) =>
      withRules(right, {
        nextStep: (order, now, retryPolicy) =>
          order.status === 'accepted' && now - order.requestedAt > 86_400_000
            ? 'none'
            : right.rules.nextStep(order, now, retryPolicy),
      }),
  },
];

function withoutTerms<T extends { spec: OrderSpec }>(order: T): T {
  const { spec } = order;
  if (spec.kind !== 'create' && spec.kind !== 'change-quantity') return order;
  const { term: _term, billingPeriod: _billed, ...product } = spec.product;
  return { ...order, spec: { ...spec, product } };
}
