import type { CheckedFacts } from '../../domain/order/judge-checks.ts';
import type { OrderRecord } from '../../domain/order/order-record.ts';
import type { CmpOrdering } from '../cmp-ordering.ts';
import { reasonOf, refusesOrder } from '../failure-evidence.ts';
import type { OrderingPorts } from '../ordering-ports.ts';
import { parameterObjections } from '../parameter-objections.ts';
import { note } from './note.ts';
import type { StepAction } from './step.ts';

/** Everything that can be asked of CMP without ordering. Changes nothing there. */
export const check: StepAction = async (held, ports, cmp) => {
  const since = ports.clock.now();
  try {
    const facts = await factsFor(held.order, cmp, ports);
    const verdict = ports.rules.judgeChecks(
      held.order,
      { ...facts, lots: held.lots, kept: held.kept },
      since,
    );
    return await note(held, verdict, ports);
  } catch (error) {
    // What CMP would not even estimate, or does not know, it would not take as an order either.
    if (!refusesOrder(error)) throw error;
    return note(held, { saw: 'checks-refused', reason: reasonOf(error) }, ports);
  }
};

async function factsFor(
  order: OrderRecord,
  cmp: CmpOrdering,
  { rules }: OrderingPorts,
): Promise<CheckedFacts> {
  const { ask, marker } = order;
  if (ask.kind === 'create') {
    const request = rules.orderRequest(ask, marker);
    const parameterErrors = await parameterObjections(cmp, request);
    if (parameterErrors.length > 0) return { parameterErrors };
    return { estimate: await cmp.orders.estimate(request) };
  }
  const subscription = await cmp.subscriptions.get(ask.cmpSubscriptionId);
  const priced = ask.kind === 'change-quantity' && order.consent.highestTotal !== null;
  // CMP refuses to estimate a change of what is not active or is so already.
  const changes = subscription.status === 'active' && rules.missingEffect(ask, subscription) !== null;
  if (!priced || !changes) return { subscription };
  return { subscription, estimate: await cmp.orders.estimate(rules.orderRequest(ask, marker)) };
}
