import {
  CmpContractViolated,
  type CmpError,
  CmpRejected,
  type CmpRejectionCategory,
  isCmpError,
} from '@isthmus/cmp-client';
import { ConnectorNotUsable } from '@isthmus/cmp-connections';
import { RequestRefused } from '@isthmus/messaging';
import { type OrderReason, reason } from '../order.ts';
import type { StepOutcome } from './step-outcomes.ts';

/** Rejections that concern the connector, not the order: the order waits until they are fixed. */
const ofConnector = new Set<CmpRejectionCategory>([
  'credentials',
  'subscription-key',
  'marketplace',
  'wrong-url',
  'permission',
  'quota',
]);

/** CMP's message for "another order of this kind is in progress". Source: observed on the production API. */
const underWay = /prohibits placing an order|there is already an? .* order/i;

/**
 * The consequence of a failed POST for the order. Only CMP's client knows whether the request was sent (`outcome`); every doubt,
 * and every error of another origin, counts as "may be at CMP".
 */
export function outcomeOfFailedSend(error: unknown): StepOutcome {
  if (!isCmpError(error)) return { observed: 'no-answer', reason: failureReason(error), words: null };
  const why = failureReason(error);
  if (error.outcome === 'not-sent')
    return { observed: 'not-sent', reason: why, retryAfter: retryDelay(error) };
  if (error instanceof CmpRejected && error.category === 'business') return outcomeOfWords(error, why);
  if (error.outcome === 'unknown') return { observed: 'no-answer', reason: why, words: refusalWords(error) };
  if (!(error instanceof CmpRejected) || ofConnector.has(error.category))
    return { observed: 'not-sent', reason: why, retryAfter: retryDelay(error) };
  if (error.category === 'conflict' || underWay.test(error.cmpMessage ?? ''))
    return { observed: 'conflict', reason: why };
  return { observed: 'refused-by-cmp', reason: why };
}

/** An HTTP 500 with a message: however clear it is, only CMP's orders show whether CMP accepted the order. */
function outcomeOfWords(error: CmpRejected, why: OrderReason): StepOutcome {
  const words = error.cmpMessage ?? '';
  if (error.outcome === 'refused' && underWay.test(words)) return { observed: 'conflict', reason: why };
  const clear = error.clear ?? error.outcome === 'refused';
  const next = clear
    ? 'Wait: CMP has rejected the order; it is searched for once before the rejection counts.'
    : why.nextStep;
  return { observed: 'no-answer', reason: { ...why, nextStep: next }, words: refusalWords(error), clear };
}

/** The consequence of any other failed call: none for the order, unless CMP reports that something does not exist. */
export function outcomeOfFailedCall(error: unknown): StepOutcome {
  if (isConnectorGone(error)) return { observed: 'call-failed', reason: connectorGone, retryAfter: null };
  return {
    observed: 'call-failed',
    reason: failureReason(error),
    retryAfter: isCmpError(error) ? retryDelay(error) : null,
    paused: isPaused(error),
  };
}

/** The owner of connectors knows it no more. */
const isConnectorGone = (error: unknown): boolean =>
  error instanceof ConnectorNotUsable &&
  error.cause instanceof RequestRefused &&
  error.cause.code === 'connector.not-found';

const connectorGone = reason(
  'connector-removed',
  'The connector was removed.',
  'Create the connector again.',
);

const ofOrder = new Set<CmpRejectionCategory>(['validation', 'business', 'not-found']);

/** True if CMP's response to a query about an order means that it would not accept the order either. */
export const refusesOrder = (error: unknown): boolean =>
  error instanceof CmpRejected && ofOrder.has(error.category);

export const isNotFound = (error: unknown): boolean =>
  error instanceof CmpRejected && error.category === 'not-found';

export function failureReason(error: unknown): OrderReason {
  // The connector itself cannot be used: the order waits until that is mended.
  if (error instanceof ConnectorNotUsable)
    return reason(
      error.paused ? 'connector-paused' : error.code,
      error.message,
      `${error.nextStep} The order then continues automatically.`,
    );
  if (isCmpError(error)) return reason(error.code, error.message, nextStepAfter(error), error.correlationId);
  const words = error instanceof Error ? error.message : String(error);
  return reason('call-failed', words, 'Wait: it is retried automatically.');
}

const nextStepAfter = (error: CmpError): string => {
  if (error.outcome === 'unknown') return 'Wait: the order is being searched for at CMP.';
  if (error instanceof CmpRejected && error.outcome === 'refused' && !ofConnector.has(error.category))
    return "Follow CMP's message, then place a new order.";
  return 'Wait: it is retried automatically.';
};

const isPaused = (error: unknown): boolean => error instanceof ConnectorNotUsable && error.paused;

const retryDelay = (error: CmpError): number | null => error.retryAfterMs ?? null;

/** A rejection with a message, which leaves open whether the order exists. The message of a malformed response is not one. */
const refusalWords = (error: CmpError): string | null =>
  error instanceof CmpRejected && !(error instanceof CmpContractViolated) ? (error.cmpMessage ?? null) : null;
