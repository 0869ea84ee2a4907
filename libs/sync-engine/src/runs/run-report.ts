/** What a run did so far, by record. `unchanged` ones were read and compared, nothing was written for them. */
export interface RunCounts {
  read: number;
  appeared: number;
  changed: number;
  ended: number;
  unchanged: number;
  /** Did not parse; kept aside with the reason in the run's records. */
  setAside: number;
  /** Belongs to an account whose sync is switched off. */
  skipped: number;
  failed: number;
  /** Calls made to CMP, retries included. */
  calls: number;
}

export const noCounts = (): RunCounts => ({
  read: 0,
  appeared: 0,
  changed: 0,
  ended: 0,
  unchanged: 0,
  setAside: 0,
  skipped: 0,
  failed: 0,
  calls: 0,
});

/** Both together, by name; what neither has stays absent. */
export function addCounts<C extends Partial<RunCounts>>(counts: C, more: Partial<RunCounts>): C {
  const total: Partial<RunCounts> = { ...counts };
  for (const [name, count] of Object.entries(more) as [keyof RunCounts, number][])
    total[name] = (total[name] ?? 0) + count;
  return total as C;
}

/** Why a run stopped, in words for a person. */
export interface RunFailure {
  code: string;
  detail: string;
  nextStep: string;
  /** CMP's X-Correlation-ID of the call that failed, for Ingram's support. */
  correlationId?: string;
}

/** The breaker's account: the run would end `end` of `of` live records, more than `limit`, or take away too many seats. */
export interface RunBreaker {
  end: number;
  of: number;
  limit: number;
  /** How many seats the run would take away from live subscriptions, of how many; set when that was too much. */
  seats?: { fewer: number; of: number; limit: number };
  approved?: number;
  approvedBy?: string;
}

/** Why a run is silent just now. */
export interface RunWait {
  reason: string;
  until: string;
}

/** What happened, or in a plan would happen, to one record. */
export interface RunRecord {
  kind: string;
  cmpId?: string;
  /** CMP id of the account it belongs to, when it belongs to one. */
  cmpAccountId?: string;
  result: 'appeared' | 'changed' | 'ended' | 'set-aside' | 'failed';
  /** Names of the fields that differ. */
  changed?: string[];
  /** Of a plan: both values of each field that differs. */
  values?: Record<string, { from: unknown; to: unknown }>;
  reason?: string;
  correlationId?: string;
}
