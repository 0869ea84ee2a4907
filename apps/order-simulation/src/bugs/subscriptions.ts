import { observe } from '@isthmus/subscription-lifecycle/subscriptions/rules/observe.ts';
import { type Bug, withEvents } from './bug.ts';

/** Mistakes in what is known of subscriptions: events, product lines, owners, and what is reported of them to Work 365. */
export const subscriptionBugs: readonly Bug[] = [
  {
    name: 'news-in-any-order',
    mistake: 'News of a subscription are applied in the order in which they arrive.',
    world: (right) =>
      withEvents(right, {
        observe: (before, event, orders) =>
          observe(before && { ...before, providerVersion: 0 }, event, orders),
      }),
  },
  {
    name: 'end-before-beginning',
    mistake: 'The end of a subscription that is not known yet is ignored.',
    world: (right) =>
      withEvents(right, {
        observeEnd: (id, before, event) => before && right.events.observeEnd(id, before, event),
      }),
  },
  {
    name: 'lines-by-place',
    mistake: 'A product line is taken for the one that stood in its place before.',
    world: (right) =>
      withEvents(right, {
        observe(before, event, orders) {
          const lines = event.lines?.map((line, place) => ({
            ...line,
            mpn: before?.lines?.[place]?.mpn ?? line.mpn,
          }));
          return right.events.observe(before, { ...event, lines: lines ?? null }, orders);
        },
      }),
  },
  {
    name: 'transfer-not-followed',
    mistake: 'A subscription belongs for ever to the customer that it was first listed under.',
    world: (right) => withEvents(right, { ownerAfter: (known, listed) => known ?? listed }),
  },
  {
    name: 'transfer-sends-again',
    mistake: 'An order that may be at CMP is planned anew for the customer that its subscription moved to.',
    world: (right) =>
      withEvents(right, {
        stopForTransfer(order, { from, to }, now) {
          if (order.attempts === 0) return right.events.stopForTransfer(order, { from, to }, now);
          const unsent = {
            attempts: 0,
            firstSentAt: null,
            lastSentAt: null,
            checkedAt: null,
            cmpOrderId: null,
          };
          const spec = { ...order.spec, cmpAccountId: to };
          return {
            ...order,
            ...unsent,
            spec,
            status: 'planned',
            acceptedAt: null,
            completedAt: null,
            nextStepAt: now,
          };
        },
      }),
  },
  {
    name: 'entry-id-by-place',
    mistake:
      'The line that is told first has the id of the subscription, whichever was reported under it before.',
    world: (right) => withEvents(right, { entriesOf: (agreed) => right.events.entriesOf(agreed, []) }),
  },
  {
    name: 'unknown-cycle-is-null',
    mistake: 'A billing cycle that is not known is reported as null instead of the number for it.',
    world: (right) =>
      withEvents(right, {
        toSubscription(known, account, partNumber) {
          const view = right.events.toSubscription(known, account, partNumber);
          return { ...view, provisioningFrequency: view.provisioningFrequency || null! };
        },
      }),
  },
  {
    name: 'unknown-seats-are-none',
    mistake: 'A live subscription whose seats were not read yet is reported with none.',
    world: (right) => withEvents(right, { canBeReported: () => true }),
  },
];
