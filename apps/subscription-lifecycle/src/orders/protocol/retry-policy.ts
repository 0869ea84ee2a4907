const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Durations of the steps, in milliseconds. Lists are consecutive delays, of which the last one repeats. */
export interface RetryPolicy {
  /** A POST is sent within this time after `sending` was committed, or not at all. */
  sendWithin: number;
  /** Timeout for the response; afterwards the outcome is unknown. */
  responseTimeout: number;
  /** Checks older than this are repeated. */
  checksStayFresh: number;
  /** The minimum time before an order is sent again, regardless of observed times. */
  resendFloor: number;
  /** The longest time CMP was seen to take is multiplied by this. */
  resendFactor: number;
  /** Maximum number of sends without manual approval. */
  attempts: number;
  /** Maximum clock skew between CMP and us. */
  clockSkew: number;
  searchDelays: readonly number[];
  pollDelays: readonly number[];
  rereadDelays: readonly number[];
  /** Delays after failures that did not reach CMP. */
  retries: readonly number[];
  /** Number of retries after which the order is escalated. */
  retriesBeforeEscalation: number;
  /** An order that CMP does not finish is escalated after this. */
  confirmWithin: number;
  /** An order whose fate cannot be read at CMP, because reading fails, is escalated after this. */
  readWithin: number;
  /** Interval at which an escalated order is still tracked. */
  attentionInterval: number;
  /** Completed, but without effect after all these re-readings. */
  rereadsBeforeDisproof: number;
}

/**
 * The floor of half an hour is fifteen times the longest order we wait for (two minutes). A duplicate subscription costs a
 * year of licences, a late one half an hour.
 */
export const defaultRetryPolicy: RetryPolicy = {
  sendWithin: 30 * second,
  responseTimeout: 150 * second,
  checksStayFresh: 2 * minute,
  resendFloor: 30 * minute,
  resendFactor: 2,
  attempts: 2,
  clockSkew: 10 * minute,
  searchDelays: [20 * second, minute, 3 * minute, 8 * minute, 15 * minute],
  pollDelays: [
    2 * second,
    5 * second,
    15 * second,
    30 * second,
    minute,
    2 * minute,
    5 * minute,
    15 * minute,
    hour,
  ],
  rereadDelays: [0, 20 * second, minute, 5 * minute, 15 * minute],
  retries: [30 * second, minute, 5 * minute, 15 * minute],
  retriesBeforeEscalation: 40,
  confirmWithin: 3 * day,
  readWithin: day,
  attentionInterval: 6 * hour,
  rereadsBeforeDisproof: 7,
};

/** The delay after this number of steps without progress. */
export const delayAfter = (delays: readonly number[], idleSteps: number): number =>
  delays[Math.min(idleSteps, delays.length - 1)] ?? minute;

/** The time after sending from which the last search may conclude that nothing arrived. */
export const resendAfter = (retryPolicy: RetryPolicy, longestSeen: number): number =>
  Math.max(retryPolicy.resendFloor, retryPolicy.resendFactor * longestSeen);

/**
 * The time after CMP's response from which a search may confirm an unambiguous rejection: as long as the longest order takes, a
 * fifteenth of the floor. Only CMP's lists may lag behind its response.
 */
export const refusedAfter = ({ resendFloor }: RetryPolicy): number => resendFloor / 15;
