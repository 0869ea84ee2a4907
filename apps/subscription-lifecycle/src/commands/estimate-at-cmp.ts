import type { CmpConnections } from '@isthmus/sync-engine';
import { reason, type OrderReason } from '../domain/order/order-reason.ts';
import type { OrderAsk } from '../domain/order/order-ask.ts';
import { orderRequest } from '../domain/order/order-request.ts';
import type { CmpAnswer } from '../domain/quote/draw-up.ts';
import { reasonOf, refusesOrder } from '../ordering/failure-evidence.ts';
import { parameterObjections } from '../ordering/parameter-objections.ts';

/** Stands where an order has its marker; nothing of an estimate is stored at CMP. */
const unmarked = 'ISM-QUOTE';

/**
 * What CMP makes of an order, in the lane of people who wait. Never throws: a quote without CMP's opinion is better than
 * none.
 */
export async function estimateAtCmp(
  connections: CmpConnections,
  of: { tenantId: string; connectorId: string },
  ask: OrderAsk,
  withinMs: number,
): Promise<CmpAnswer> {
  if (ask.kind === 'renewal-setting') return { answer: 'not-asked' };
  const signal = AbortSignal.timeout(withinMs);
  try {
    const { client: cmp } = await connections.open(of, 'interactive');
    const request = orderRequest(ask, unmarked);
    const objections = ask.kind === 'create' ? await parameterObjections(cmp, request, { signal }) : [];
    if (objections.length > 0) return { answer: 'refused', reason: parametersRefused(objections) };
    return { answer: 'estimated', estimate: await cmp.orders.estimate(request, { signal }) };
  } catch (error) {
    const { code, detail, correlationId } = reasonOf(error);
    // Whether CMP estimates cancellations at all is not known; a request it does not understand is no refusal of one.
    if (refusesOrder(error) && !(ask.kind === 'cancel' && isMisunderstood(error)))
      return {
        answer: 'refused',
        reason: reason(code, detail, 'Act on what CMP says, then quote again.', correlationId),
      };
    return { answer: 'away', reason: reason(code, detail, askLater, correlationId) };
  }
}

const parametersRefused = (objections: string[]): OrderReason =>
  reason(
    'parameters-refused',
    `CMP does not take the parameters: ${objections.join('; ')}.`,
    'Mend the parameters and quote again.',
  );

const askLater = 'Quote again later, or go by our estimate: CMP is asked once more before the order is sent.';

const isMisunderstood = (error: unknown): boolean =>
  (error as { category?: string }).category === 'validation';
