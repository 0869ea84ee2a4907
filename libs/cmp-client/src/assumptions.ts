/**
 * What we take for true about CMP without its maker's word. Every field is a setting, is listed with its basis in
 * `docs/cmp-assumptions.md`, and names there the conformance step that would settle it.
 */
export interface CmpAssumptions {
  /** The largest `limit` that lists honour. */
  maxPageSize: number;
  /** Lists put the newest rows first, so that new rows shift the others down. */
  listsAreNewestFirst: boolean;
  /** `status=a,b` is refused; ask for one status at a time or for all. */
  statusFilterTakesOneValue: boolean;
  /** `GET /orders` honours `creationTimeFrom` and `creationTimeTo`. */
  creationTimeFilterWorks: boolean;
  /** `GET /orders` honours `orderNumber`. */
  orderNumberFilterWorks: boolean;
  /** `GET /reports` answers everything at once, whatever `offset` and `limit` say. */
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
  /** How `expirationDate` relates to `renewalDate`. Nothing is computed from it while it is `unknown`. */
  expirationRelation: 'same-day' | 'day-before-renewal' | 'unknown';
  /** Words in a 500 that make it a definite refusal: CMP answers business refusals with that status. */
  businessRefusals: readonly string[];
  /**
   * Words in a 500 that clearly say no, whatever their case; `*` stands for any text between. An order that got such an
   * answer is still looked for before it counts as refused.
   */
  clearRefusals: readonly string[];

  /** Used when `POST /token` does not say how long its token lives. */
  tokenLifetimeFallbackSeconds: number;
  /** How long before its end a token is replaced. */
  tokenRefreshEarlySeconds: number;
  /** One API user may hold several tokens at once, one per process. */
  parallelTokensAllowed: boolean;

  /** Calls per minute and subscription key; null when unknown, which makes the budget find out. */
  callsPerMinute: number | null;
  /** Calls per day and subscription key; null for no daily quota. */
  callsPerDay: number | null;
  /** The length of the window in which CMP counts. */
  limitWindowSeconds: number;
  /** Added to the window, because calls do not take equally long to reach CMP. */
  limitWindowMarginMs: number;
  /** How long a 429 closes the budget when it does not say. */
  retryAfterFallbackSeconds: number;
  /** How long an exhausted daily quota closes the budget when it does not say. */
  quotaRetryFallbackSeconds: number;
  /** Connections to one CMP host of one process. */
  maxConcurrentCalls: number;

  readTimeoutSeconds: number;
  writeTimeoutSeconds: number;
  /** For orders and estimates, which can take more than a minute. */
  orderTimeoutSeconds: number;
  tokenTimeoutSeconds: number;
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
  limitWindowMarginMs: 750,
  retryAfterFallbackSeconds: 10,
  quotaRetryFallbackSeconds: 900,
  maxConcurrentCalls: 20,

  readTimeoutSeconds: 30,
  writeTimeoutSeconds: 60,
  orderTimeoutSeconds: 120,
  tokenTimeoutSeconds: 60,
};
