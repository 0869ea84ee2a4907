/** Why an order waits, was refused or needs somebody, in words for people. */
export interface OrderReason {
  /** Stable, such as `refused-by-cmp`. */
  code: string;
  /** What happened, to which thing. */
  detail: string;
  /** What to do now. */
  nextStep: string;
  /** CMP's `X-Correlation-ID`, for its support. */
  correlationId?: string;
}

export const reason = (
  code: string,
  detail: string,
  nextStep: string,
  correlationId?: string,
): OrderReason => ({
  code,
  detail,
  nextStep,
  ...(correlationId === undefined ? {} : { correlationId }),
});
