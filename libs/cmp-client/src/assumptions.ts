/**
 * What we assume about CMP without its vendor's confirmation. Every field is a setting and is listed with its basis in
 * `docs/cmp-assumptions.md`, which names the conformance step that verifies it.
 */
export interface CmpAssumptions {
  /** The largest `limit` that lists honour. */
  maxPageSize: number;
  /** Lists put the newest rows first, so that new rows shift the others down. */
  listsAreNewestFirst: boolean;
  /** `status=a,b` is rejected; request one status at a time, or all. */
  statusFilterTakesOneValue: boolean;
  /** `GET /orders` honours `creationTimeFrom` and `creationTimeTo`. */
  creationTimeFilterWorks: boolean;
  /** `GET /orders` honours `orderNumber`. */
  orderNumberFilterWorks: boolean;
  /** `GET /reports` returns everything in one response, ignoring `offset` and `limit`. */
  reportsIgnorePaging: boolean;
  /** Date-times without a zone are UTC. */
  timesWithoutZoneAreUtc: boolean;

  /** The quantity of a posted change order is the new total, not the difference. */
  changeQuantityIsTotal: boolean;
  /** The quantity on a line of an immediate change order that is read back is the signed difference. */
  changeLineQuantityIsDelta: boolean;
  /** The quantity on a line of a change order scheduled for renewal is the new total. */
  scheduledLineQuantityIsTotal: boolean;
  /** Cancellation and renewal orders carry `subscriptionId` on the order, not on a line. */
  cancellationNamesSubscriptionOnOrder: boolean;
  /** A month-to-month subscription keeps its id when it renews. */
  monthlyRenewalKeepsId: boolean;
  /** The relation of `expirationDate` to `renewalDate`. Nothing is computed from it while it is `unknown`. */
  expirationRelation: 'same-day' | 'day-before-renewal' | 'unknown';
  /** Phrases in a 500 that make it a definite rejection: CMP reports business rejections with that status. */
  businessRefusals: readonly string[];
  /**
   * Phrases in a 500 that are an unambiguous rejection, ignoring case; `*` matches any string. An order that got such a response
   * is still searched for before it counts as rejected.
   */
  clearRefusals: readonly string[];

  /** Used if `POST /token` does not state the lifetime of its token. */
  tokenLifetimeFallbackSeconds: number;
  /** A token is replaced this long before it expires. */
  tokenRefreshEarlySeconds: number;
  /** One API user may have several tokens at the same time, one per process. */
  parallelTokensAllowed: boolean;

  /** Calls per minute and subscription key; null when unknown, which makes the budget find out. */
  callsPerMinute: number | null;
  /** Calls per day and subscription key; null for no daily quota. */
  callsPerDay: number | null;
  /** The length of the window in which CMP counts. */
  limitWindowSeconds: number;
  /** Added to the window, because calls do not take equally long to reach CMP. */
  limitWindowMarginMs: number;
  /** A 429 closes the budget for this long if it does not state a time. */
  retryAfterFallbackSeconds: number;
  /** An exhausted daily quota closes the budget for this long if it does not state a time. */
  quotaRetryFallbackSeconds: number;
  /** Connections to one CMP host of one process. */
  maxConcurrentCalls: number;

  /** Each of these is for the whole response, to its last byte. */
  readTimeoutSeconds: number;
  writeTimeoutSeconds: number;
  /** Timeout of orders and estimates, which can take more than a minute. */
  orderTimeoutSeconds: number;
  tokenTimeoutSeconds: number;
  /** Timeout of the download of a report, during which its rows are also stored. */
  reportTimeoutSeconds: number;

  /** The largest page of a list; a larger response violates the contract. */
  maxResponseMegabytes: number;
  /** The largest response of any other operation: one record, or a token. */
  maxRecordMegabytes: number;
  /** The most values (texts, numbers, lists, objects …) in a response: parsed, small ones take twenty times their size. */
  maxResponseValues: number;
  /** The most rows of a page, whatever was asked for. */
  maxPageRows: number;
  /** The largest report that is downloaded at all; its importer has lower limits. */
  maxReportMegabytes: number;
}

export const defaultAssumptions: CmpAssumptions = {
  maxPageSize: 500,
  listsAreNewestFirst: true,
  statusFilterTakesOneValue: true,
  creationTimeFilterWorks: true,
  orderNumberFilterWorks: true,
  reportsIgnorePaging: true,
  timesWithoutZoneAreUtc: true,

  changeQuantityIsTotal: true,
  changeLineQuantityIsDelta: true,
  scheduledLineQuantityIsTotal: true,
  cancellationNamesSubscriptionOnOrder: true,
  monthlyRenewalKeepsId: true,
  expirationRelation: 'unknown',
  businessRefusals: ['This order prohibits placing an order', 'Cannot Upgrade/Downgrade Resources'],
  clearRefusals: [
    'not allowed',
    'not permitted',
    'not eligible',
    'not supported',
    'not valid',
    'invalid',
    'not found',
    'no entity has been found',
    'does not exist',
    'cannot be',
    'prohibit',
    'window * expired',
    'window * closed',
    'outside * window',
    'period * expired',
    'limit * exceeded',
    'limit * reached',
    'exceeds',
    'insufficient',
    'already cancelled',
    'is required',
    'must be',
    'must not',
  ],

  tokenLifetimeFallbackSeconds: 1500,
  tokenRefreshEarlySeconds: 60,
  parallelTokensAllowed: true,

  callsPerMinute: 60,
  callsPerDay: 5000,
  limitWindowSeconds: 60,
  limitWindowMarginMs: 500,
  retryAfterFallbackSeconds: 10,
  quotaRetryFallbackSeconds: 900,
  maxConcurrentCalls: 20,

  readTimeoutSeconds: 30,
  writeTimeoutSeconds: 60,
  orderTimeoutSeconds: 120,
  tokenTimeoutSeconds: 60,
  reportTimeoutSeconds: 3600,

  maxResponseMegabytes: 16,
  maxRecordMegabytes: 2,
  maxResponseValues: 500_000,
  maxPageRows: 10_000,
  maxReportMegabytes: 4300,
};
