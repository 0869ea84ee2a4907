import { transition } from '@isthmus/subscription-lifecycle/orders/order.ts';
import { outcomeOfFailedSend } from '@isthmus/subscription-lifecycle/orders/protocol/failed-calls.ts';
import { StoreFailed } from '@isthmus/subscription-lifecycle/orders/protocol/ordering.ts';
import { type Bug, withRetryPolicy, withRules } from './bug.ts';

const hour = 3_600_000;

/** Mistakes in taking commands and in sending orders: what is sent twice, too late, or believed not to have arrived. */
export const sendingBugs: readonly Bug[] = [
  {
    name: 'check-then-insert',
    mistake: 'Whether a command was given before is looked up first, and the order inserted later.',
    world({ intake, clock, ...right }) {
      intake.place = async (key, spec) => {
        const earlier = intake.repeat(key, spec);
        if (earlier) return earlier;
        await clock.sleep(1);
        return intake.accept(key, spec);
      };
      return { ...right, intake, clock };
    },
  },
  {
    name: 'no-queue',
    mistake: 'Orders of one subscription are worked on at the same time.',
    world(right, store) {
      store.isHead = () => true;
      return right;
    },
  },
  {
    name: 'no-fencing',
    mistake: 'A worker writes without looking whether the order is still its own.',
    world: (right, store) => ({
      ...right,
      orderStore: {
        ...right.orderStore,
        save: (claimed, next, { shownAfter = 0 } = {}) =>
          right.database(async () => store.write(store.rows.get(claimed.order.id)!, next, shownAfter)),
      },
    }),
  },
  {
    name: 'failure-taken-for-stored',
    seed: 53,
    mistake: 'A worker goes on as if an order were stored whose storing failed.',
    world: (right) => ({
      ...right,
      orderStore: {
        ...right.orderStore,
        save: (claimed, next, more) =>
          right.orderStore.save(claimed, next, more).catch((error: unknown) => {
            if (!(error instanceof StoreFailed)) throw error;
            return { ...claimed, order: next, version: claimed.version + 1 };
          }),
      },
    }),
  },
  {
    name: 'sends-however-late',
    mistake: 'A worker that stood still between storing and sending sends all the same.',
    // In the worst of the worlds that are drawn: in others it takes thousands of scenarios until one stands still just then.
    world: (right) => ({
      ...withRetryPolicy(right, { sendWithin: Infinity, responseTimeout: 1e12 }),
      processFaults: { ...right.processFaults, pause: 0.02, longestPause: 8 * hour },
    }),
  },
  {
    name: 'takeover-sends-again',
    mistake: 'An order whose worker died while sending is believed not to have been sent.',
    world: (right) =>
      withRules(right, {
        takeOver: (order, now) => transition(order, 'put-back', now, { attempts: 0, checkedAt: null }),
      }),
  },
  {
    name: 'hasty-resend',
    mistake: 'Two looks a minute apart are taken for proof that nothing arrived.',
    world: (right) => withRetryPolicy(right, { resendFloor: 60_000, resendFactor: 0 }),
  },
  {
    name: 'blind-repost',
    mistake: 'A POST that failed is sent again at once, as one would a GET.',
    world: (right) => ({
      ...right,
      cmp: {
        ...right.cmp,
        orders: {
          ...right.cmp.orders,
          place: (request, options) =>
            right.cmp.orders.place(request, options).catch(() => right.cmp.orders.place(request, options)),
        },
      },
    }),
  },
  {
    name: 'timeout-is-not-sent',
    mistake: 'A connection that broke is taken for a request that never arrived.',
    world: (right) =>
      withRules(right, {
        outcomeOfFailedSend(error) {
          const evidence = outcomeOfFailedSend(error);
          return evidence.observed === 'no-answer' && evidence.words === null
            ? { observed: 'not-sent', reason: evidence.reason, retryAfter: null }
            : evidence;
        },
      }),
  },
  {
    name: 'doubt-is-refusal',
    mistake: 'Any answer of CMP with an error in it is taken for a refusal.',
    world: (right) =>
      withRules(right, {
        outcomeOfFailedSend(error) {
          const evidence = outcomeOfFailedSend(error);
          const answered = typeof (error as { httpStatus?: unknown }).httpStatus === 'number';
          return evidence.observed === 'no-answer' && answered
            ? { observed: 'refused-by-cmp', reason: evidence.reason }
            : evidence;
        },
      }),
  },
  {
    name: 'clear-words-are-proof',
    mistake: 'A refusal in clear words is believed although CMP may have taken the order before it failed.',
    world: (right) =>
      withRules(right, {
        outcomeOfFailedSend(error) {
          const evidence = outcomeOfFailedSend(error);
          return evidence.observed === 'no-answer' && evidence.clear
            ? { observed: 'refused-by-cmp', reason: evidence.reason }
            : evidence;
        },
      }),
  },
  {
    name: 'conflict-is-refusal',
    mistake: 'Our own first order, still under way, makes the second attempt look refused.',
    world: (right) =>
      withRules(right, {
        retryPolicy: { ...right.rules.retryPolicy, resendFloor: 10 * 60_000, resendFactor: 0 },
        outcomeOfFailedSend(error) {
          const evidence = outcomeOfFailedSend(error);
          return evidence.observed === 'conflict'
            ? { observed: 'refused-by-cmp', reason: evidence.reason }
            : evidence;
        },
      }),
  },
];
