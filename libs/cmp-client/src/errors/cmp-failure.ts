/**
 * What a failed call did at CMP. `not-sent`: it never reached CMP. `refused`: CMP said no, so nothing happened there.
 * `unknown`: it may or may not have taken effect; look before asking again.
 */
export type CmpOutcome = 'not-sent' | 'refused' | 'unknown';

/** What every CMP error carries. Never holds a secret: texts from CMP are redacted before they get here. */
export interface CmpFailure {
  /** Such as `orders.place`. */
  operation: string;
  outcome: CmpOutcome;
  httpStatus?: number;
  /** CMP's own words, shortened. */
  cmpMessage?: string;
  /** CMP's `X-Correlation-ID`, for its support. */
  correlationId?: string;
  /** How long CMP, or our call budget, asked us to wait. */
  retryAfterMs?: number;
}

/** The tail of every message: CMP's words and the id its support asks for. */
export function cmpSaid({ httpStatus, cmpMessage, correlationId }: CmpFailure): string {
  const words = cmpMessage ? ` CMP said: "${cmpMessage}".` : '';
  const status = httpStatus
    ? ` (HTTP ${httpStatus}${correlationId ? `, correlation id ${correlationId}` : ''})`
    : '';
  return words + status;
}
