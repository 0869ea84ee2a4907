import type { CmpOrderRequest } from '@isthmus/cmp-client';
import type { Money } from '@isthmus/domain';
import type { CheckedFacts } from '../../domain/order/judge-checks.ts';
import type { OrderRecord } from '../../domain/order/order-record.ts';
import type { CmpOrdering } from '../cmp-ordering.ts';
import { reasonOf, refusesOrder } from '../failure-evidence.ts';
import type { OrderingPorts } from '../ordering-ports.ts';
import { judgeParameters } from '../parameter-objections.ts';
import { note } from './note.ts';
import type { StepAction } from './step.ts';

/** Everything that can be asked of CMP without ordering. Changes nothing there. */
export const check: StepAction = async (held, ports, cmp) => {
  const since = ports.clock.now();
  try {
    const facts = await factsFor(held.order, cmp, ports);
    const verdict = ports.rules.judgeChecks(
      held.order,
      { ...facts, lots: held.lots, kept: held.kept, connectorId: held.connectorId },
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
    const judged = await judgeParameters(cmp, ask, rules.orderRequest(ask, marker), rules.signs);
    const { objections: parameterErrors, parameters, attestationMissing, acceptance } = judged;
    if (parameterErrors.length > 0 || acceptance) return { parameterErrors, attestationMissing, acceptance };
    const estimate = await cmp.orders.estimate(rules.orderRequest({ ...ask, parameters }, marker));
    return { estimate, expected: estimate.total, parameters };
  }
  const subscription = await cmp.subscriptions.get(ask.cmpSubscriptionId);
  // CMP refuses to estimate a change of what is not active or is so already.
  const changes = subscription.status === 'active' && rules.missingEffect(ask, subscription) !== null;
  if (ask.kind !== 'change-quantity' || !changes) return { subscription };
  const request = rules.orderRequest(ask, marker);
  if (order.consent.highestTotal === null)
    return { subscription, expected: await estimatedTotal(cmp, request) };
  const estimate = await cmp.orders.estimate(request);
  return { subscription, estimate, expected: estimate.total };
}

/** What the total is compared with when it is done. Nobody asked for a price, so that its absence stops nothing. */
const estimatedTotal = (cmp: CmpOrdering, request: CmpOrderRequest): Promise<Money | undefined> =>
  cmp.orders.estimate(request).then(
    ({ total }) => total,
    () => undefined,
  );
