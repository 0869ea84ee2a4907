import type { CmpClient, CmpOrderDetail, CmpOrderRequest } from '@isthmus/cmp-client';
import type { Clock } from '@isthmus/domain';
import type { CmpOrdering } from '@isthmus/subscription-lifecycle/orders/protocol/order-at-cmp.ts';
import type { Dice } from '../dice.ts';
import { broken, business, gateway, internalError, lost, notSent, throttled } from './failures.ts';
import { ModelRefusal, type Course, type ModelCmp } from './model-cmp.ts';
import type { ModelOrder } from './model-order.ts';
import { orderDetail } from './model-views.ts';
import { drawPlaceFault } from './place-faults.ts';
import { simulatedReads } from './simulated-reads.ts';

const second = 1000;
const minute = 60 * second;

/** An order that CMP took because somebody posted it, whether or not the answer arrived. */
export interface LedgerEntry {
  order: ModelOrder;
  at: number;
  /** Infinity: nobody ever confirms it in the portal. */
  takes: number;
}

export interface SimulatedCmp extends CmpOrdering {
  subscriptions: CmpOrdering['subscriptions'] & Pick<CmpClient['subscriptions'], 'page'>;
  ledger: readonly LedgerEntry[];
}

/** CMP over a bad line: the model behind latency and faults, seen through the client's own methods and errors. */
export function simulatedCmp(model: ModelCmp, clock: Clock, dice: Dice): SimulatedCmp {
  const ledger: LedgerEntry[] = [];
  const accept = (request: CmpOrderRequest): ModelOrder => {
    const course = courseOf(dice);
    const order = model.place(request, course);
    ledger.push({ order, at: clock.now(), takes: course.takes });
    return order;
  };

  const answers = async (
    request: CmpOrderRequest,
    signal: AbortSignal | undefined,
  ): Promise<CmpOrderDetail> => {
    const fault = drawPlaceFault(dice);
    const wait = (most: number) => clock.sleep(dice.between(20, most), signal);
    if (fault === 'not-sent') throw notSent('orders.place');
    if (fault === 'throttled') throw throttled('orders.place', dice.between(5, 300));
    // The token, the call budget and the way there.
    await wait(dice.chance(0.1) ? 25 * second : second);
    switch (fault) {
      case 'lost-before':
        await wait(minute);
        throw lost('orders.place');
      case 'gateway-before':
        await wait(minute);
        throw gateway('orders.place');
      case 'late-accept':
        model.at(clock.now() + dice.between(5 * second, 25 * minute), () => lateAccept(request));
        await wait(minute);
        throw gateway('orders.place');
      case 'hangs-unaccepted':
        return clock.sleep(1e9, signal) as never;
      case 'refused':
        throw business('orders.place', 'Cannot Upgrade/Downgrade Resources: the account is on hold.');
      case 'refused-in-new-words':
        throw business('orders.place', 'The account is not in good standing.');
      case 'refused-clearly':
        throw business('orders.place', 'The credit limit of the account is exceeded.');
      default: {
        const order = accept(request);
        if (fault === 'hangs-accepted') return clock.sleep(1e9, signal) as never;
        await wait(fault === 'slow' ? 110 * second : 5 * second);
        throwAfterAccepting(fault);
        return orderDetail(order);
      }
    }
  };
  const lateAccept = (request: CmpOrderRequest) => {
    try {
      accept(request);
    } catch (error) {
      if (!(error instanceof ModelRefusal)) throw error;
    }
  };

  const reads = simulatedReads(model, clock, dice);
  return {
    ...reads,
    ledger,
    orders: {
      ...reads.orders,
      async place(request, { signal } = {}) {
        try {
          signal?.throwIfAborted();
          return await answers(request, signal);
        } catch (error) {
          if (error instanceof ModelRefusal) throw business('orders.place', error.message);
          throw error;
        }
      },
    },
  };
}

function throwAfterAccepting(fault: string): void {
  if (fault === 'accepted-lost') throw lost('orders.place');
  if (fault === 'accepted-gateway') throw gateway('orders.place');
  if (fault === 'accepted-500') throw internalError('orders.place');
  if (fault === 'accepted-500-in-words')
    throw business('orders.place', 'Something about the account went wrong.');
  if (fault === 'accepted-500-as-refused')
    throw business('orders.place', 'Cannot process: the window of 168 hours has expired.');
  if (fault === 'accepted-broken') throw broken('orders.place');
}

/** Most take seconds or minutes, some a day in the portal, a few for ever; a few fail, a few lie. */
function courseOf(dice: Dice): Course {
  const roll = dice.next();
  const fate = roll < 0.03 ? 'error' : roll < 0.037 ? 'no-effect' : roll < 0.04 ? 'other-effect' : 'effect';
  if (dice.chance(0.004)) return { takes: Infinity, fate };
  const takes = dice.chance(0.06)
    ? dice.between(60, 2 * 24 * 60) * minute
    : dice.between(2, dice.chance(0.3) ? 1800 : 60) * second;
  return { takes, fate };
}
