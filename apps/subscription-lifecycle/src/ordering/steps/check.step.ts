import { CmpRejected, type CmpRejectionCategory } from '@isthmus/cmp-client';
import type { CheckedFacts } from '../../domain/order/judge-checks.ts';
import type { OrderRecord } from '../../domain/order/order-record.ts';
import type { CmpOrdering } from '../cmp-ordering.ts';
import { reasonOf } from '../failure-evidence.ts';
import type { OrderingPorts } from '../ordering-ports.ts';
import { note } from './note.ts';
import type { StepAction } from './step.ts';

/** Everything that can be asked of CMP without ordering. Changes nothing there. */
export const check: StepAction = async (held, ports, cmp) => {
  const since = ports.clock.now();
  try {
    const facts = await factsFor(held.order, cmp, ports);
    const verdict = ports.rules.judgeChecks(held.order, { ...facts, lots: held.lots, kept: held.kept }, since);
    return await note(held, verdict, ports);
  } catch (error) {
    // What CMP would not even estimate, or does not know, it would not take as an order either.
    if (!(error instanceof CmpRejected) || !ofOrder.has(error.category)) throw error;
    return note(held, { saw: 'checks-refused', reason: reasonOf(error) }, ports);
  }
};

const ofOrder = new Set<CmpRejectionCategory>(['validation', 'business', 'not-found']);

async function factsFor(
  order: OrderRecord,
  cmp: CmpOrdering,
  { rules }: OrderingPorts,
): Promise<CheckedFacts> {
  const { ask, marker } = order;
  if (ask.kind === 'create') {
    const parameterErrors = ask.parameters.length > 0 ? await objections(order, cmp, rules) : [];
    if (parameterErrors.length > 0) return { parameterErrors };
    return { estimate: await cmp.orders.estimate(rules.orderRequest(ask, marker)) };
  }
  const subscription = await cmp.subscriptions.get(ask.cmpSubscriptionId);
  const priced = ask.kind === 'change-quantity' && order.consent.highestTotal !== null;
  // CMP refuses to estimate a change of what is not active or is so already.
  const changes = subscription.status === 'active' && rules.missingEffect(ask, subscription) !== null;
  if (!priced || !changes) return { subscription };
  return { subscription, estimate: await cmp.orders.estimate(rules.orderRequest(ask, marker)) };
}

async function objections(
  { ask, marker }: OrderRecord,
  cmp: CmpOrdering,
  rules: OrderingPorts['rules'],
): Promise<string[]> {
  if (ask.kind !== 'create') return [];
  const { products = [] } = rules.orderRequest(ask, marker);
  const question = { customerId: ask.cmpAccountId, type: 'sales' as const, products };
  const answers = await cmp.parameters.validate(question);
  return answers
    .flatMap(({ parameters }) => parameters)
    .filter(({ result }) => result === 'error')
    .map(({ name, message, valueError }) => `${name}: ${valueError ?? message ?? 'refused'}`);
}
