import type { CmpConnections } from '@isthmus/sync-engine';
import { attestationNeeded, type OrderRefused } from '../domain/order-refused.error.ts';
import { defaultSigns, type Acceptance, type CmpSigns } from '../domain/order/cmp-signs.ts';
import { reason, type OrderReason } from '../domain/order/order-reason.ts';
import type { OrderAsk } from '../domain/order/order-ask.ts';
import { orderRequest } from '../domain/order/order-request.ts';
import type { CmpAnswer } from '../domain/quote/draw-up.ts';
import { reasonOf, refusesOrder } from '../ordering/failure-evidence.ts';
import { judgeParameters } from '../ordering/parameter-objections.ts';

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
  signs: CmpSigns = defaultSigns,
): Promise<CmpAnswer> {
  if (ask.kind === 'renewal-setting') return { answer: 'not-asked' };
  const signal = AbortSignal.timeout(withinMs);
  try {
    const { client, partnerAttestation } = await connections.open(of, 'interactive');
    if (ask.kind !== 'create')
      return {
        answer: 'estimated',
        estimate: await client.orders.estimate(orderRequest(ask, unmarked), { signal }),
      };
    const cmp = { parameters: client.parameters, partnerAttestation };
    const judged = await judgeParameters(cmp, ask, orderRequest(ask, unmarked), signs, { signal });
    const { objections, attestationMissing, acceptance, parameters } = judged;
    if (attestationMissing)
      return { answer: 'refused', reason: reasonOfRefusal(attestationNeeded(of.connectorId)) };
    if (acceptance) return { answer: 'away', reason: acceptanceFirst(acceptance) };
    if (objections.length > 0) return { answer: 'refused', reason: parametersRefused(objections) };
    const request = orderRequest({ ...ask, parameters }, unmarked);
    return { answer: 'estimated', estimate: await client.orders.estimate(request, { signal }) };
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

const reasonOfRefusal = ({ code, message, nextStep }: OrderRefused): OrderReason =>
  reason(code.replace(/^order\./, ''), message, nextStep);

const acceptanceFirst = ({ link }: Acceptance): OrderReason =>
  reason(
    'customer-acceptance',
    `CMP prices the order only after the customer has accepted ${link ?? 'what its control panel shows'}.`,
    'Have the customer accept it, then quote again; or order: the order waits for it.',
  );

const parametersRefused = (objections: string[]): OrderReason =>
  reason(
    'parameters-refused',
    `CMP does not take the parameters: ${objections.join('; ')}.`,
    'Mend the parameters and quote again.',
  );

const askLater = 'Quote again later, or go by our estimate: CMP is asked once more before the order is sent.';

const isMisunderstood = (error: unknown): boolean =>
  (error as { category?: string }).category === 'validation';
