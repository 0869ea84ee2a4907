import {
  type CmpClient,
  CmpContractViolated,
  CmpRejected,
  type CmpSubscriptionDetail,
} from '@isthmus/cmp-client';
import type { NewEvent } from '@isthmus/messaging';
import {
  applyRecords,
  type ChangeOrigin,
  compareRecords,
  type Comparison,
  mirrorId,
  type PlanMirrors,
  type RecordsBatch,
  type RunContext,
  type RunRecord,
} from '@isthmus/sync-engine';
import type { PoolClient } from 'pg';
import { accountMirror } from '../../accounts/account.mirror.ts';
import { updateDomainsFromCmp } from '../../accounts/custom-domain.store.ts';
import { subscriptionDetailMirror, subscriptionMirror } from '../../subscriptions/subscription.mirror.ts';
import { detailPlan, type RequestedDetail, rescheduleFailed } from './requested-details.store.ts';

const mirror = subscriptionDetailMirror;

/** A detail that CMP rejected, or that cannot be stored. The previous data remains. */
interface Failed {
  wanted: RequestedDetail;
  result: 'failed' | 'set-aside';
  reason: string;
  /** True if CMP reports that the record does not exist. */
  notFound: boolean;
  correlationId?: string;
}

/** Details as just read from CMP, compared with the mirror. */
export interface Reading {
  comparison: Comparison<CmpSubscriptionDetail>;
  failed: Failed[];
  /** The error that stopped the reading; thrown once the rest is stored. */
  broken?: { error: unknown };
}

interface Progress {
  done: number;
  total: number;
  /** State that the phase needs in order to continue afterwards. */
  state?: unknown;
}

/**
 * Reads the details of a few subscriptions concurrently.
 * @param since the database's time before the reading, in ms: if this machine's clock is behind, what is read would otherwise seem
 *   older than the request for it, and be read again
 */
export async function fetchDetails(
  context: RunContext,
  cmp: CmpClient,
  wanted: readonly RequestedDetail[],
  since = 0,
): Promise<Reading> {
  const { tenantId, connectorId } = context.run;
  const asOf = new Date(Math.max(Date.now(), since + 1)).toISOString();
  const origin = { tenantId, connectorId, asOf };
  const { details, ...rest } = await fetchAll(cmp, wanted, context.signal);
  return { comparison: await compareRecords(context.pool, mirror, origin, details), ...rest };
}

/** Stores what differs, with its events, in one transaction; details that could not be read are requested again. */
export async function storeDetails(context: RunContext, reading: Reading, progress: Progress): Promise<void> {
  const { comparison, failed } = reading;
  const { rows, origin } = comparison;
  await applyRecords(context, comparison, {
    ...batchOf(reading, progress),
    afterWrite: async (client, { refused }) => {
      const notStored = [...refused].map(([id, reason]) => ({ wanted: { id }, reason }));
      const again = [...failed, ...notStored];
      const unread = again.length ? await rescheduleFailed(client, again, origin.asOf) : [];
      const stored = rows.filter(({ id }) => !refused.has(id)).map(({ value }) => value);
      return confirmDetails(client, stored, origin, unread);
    },
  });
  if (reading.broken) throw reading.broken.error;
}

/** Records the differences, including seats and prices, without writing them. A plan also stores what was read. */
export async function planDetails(context: RunContext, reading: Reading, progress: Progress): Promise<void> {
  await applyRecords(context, reading.comparison, {
    ...batchOf(reading, progress),
    planOnly: true,
    planAs: detailPlan,
  });
  if (reading.broken) throw reading.broken.error;
}

function batchOf({ comparison, failed }: Reading, { done, total, state }: Progress): RecordsBatch {
  const read = comparison.rows.length;
  const unreadable = failed.filter(({ result }) => result === 'set-aside').length;
  return {
    state,
    done: done + read + failed.length,
    total,
    counts: { read, setAside: unreadable, failed: failed.length - unreadable },
    records: failed.map(failedRecord),
  };
}

/** Side effects of confirmed details, changed or not; returns additional events. */
async function confirmDetails(
  client: PoolClient,
  details: readonly CmpSubscriptionDetail[],
  origin: ChangeOrigin,
  otherAccounts: readonly string[] = [],
): Promise<NewEvent[]> {
  // Keep requests newer than this read, except for those that were only scheduled retries.
  await client.query(
    `update provider_subscriptions m set detail_confirmed_at = $2::timestamptz, detail_failure = null, detail_failures = 0,
       detail_wanted_at = case when m.detail_wanted_at > $2::timestamptz and m.detail_failures = 0 then m.detail_wanted_at end
     where m.id = any($1)`,
    [details.map(({ id }) => mirrorId(origin, mirror.kind, id)), origin.asOf],
  );
  const accounts = new Set(details.map(({ customerId }) => mirrorId(origin, 'provider-account', customerId)));
  return updateDomainsFromCmp(client, [...accounts, ...otherAccounts], origin);
}

/**
 * A detail that CMP rejects or returns malformed affects only that subscription; anything else stops the run after storing the
 * rest.
 */
async function fetchAll(
  cmp: CmpClient,
  wanted: readonly RequestedDetail[],
  signal: AbortSignal,
): Promise<Pick<Reading, 'failed' | 'broken'> & { details: CmpSubscriptionDetail[] }> {
  const details: CmpSubscriptionDetail[] = [];
  const failed: Failed[] = [];
  let broken: { error: unknown } | undefined;
  const responses = await Promise.allSettled(
    wanted.map(({ cmpId }) => cmp.subscriptions.get(cmpId, { signal })),
  );
  responses.forEach((response, index) => {
    if (response.status === 'fulfilled') {
      const reason = whyNotUsable(response.value, wanted[index]!.cmpId);
      if (reason === undefined) details.push(response.value);
      else failed.push({ wanted: wanted[index]!, result: 'set-aside', notFound: false, reason });
    } else if (isAboutOneRecord(response.reason)) {
      failed.push({
        wanted: wanted[index]!,
        result: isUnreadable(response.reason) ? 'set-aside' : 'failed',
        reason: response.reason.message,
        notFound: response.reason instanceof CmpRejected && response.reason.category === 'not-found',
        correlationId: response.reason.correlationId,
      });
    } else broken ??= { error: response.reason };
  });
  return { details, failed, broken };
}

/** Stored as another subscription, it would never answer the request, and the run would ask for it for ever. */
function whyNotUsable({ id, unread }: CmpSubscriptionDetail, requested: string): string | undefined {
  if (id !== requested) return `id: is ${id}, but ${requested} was requested`;
  return unread?.[0] && `${unread[0].field}: ${unread[0].reason}`;
}

const oneRecordOnly: readonly string[] = ['not-found', 'business', 'validation'];

/** True if a failed call is due to the requested record, and not to CMP or the connector. */
export const isAboutOneRecord = (error: unknown): error is CmpRejected | CmpContractViolated =>
  error instanceof CmpContractViolated ||
  (error instanceof CmpRejected && oneRecordOnly.includes(error.category));

/** CMP returned the record, but one of its fields cannot be read. */
const isUnreadable = (error: CmpRejected | CmpContractViolated): boolean =>
  error instanceof CmpContractViolated && error.field !== undefined;

const failedRecord = ({ wanted, result, reason, correlationId }: Failed): RunRecord => ({
  kind: mirror.kind,
  cmpId: wanted.cmpId,
  result,
  reason,
  correlationId,
});

const confirmedSql = 'm.detail_confirmed_at';

/**
 * The mirrors that a plan of account-sync can write. Details are applied first because they are more recent and more complete
 * than the listing.
 */
export const planMirrors: PlanMirrors = {
  [accountMirror.kind]: { mirror: accountMirror },
  [detailPlan]: {
    mirror: subscriptionDetailMirror,
    confirmedSql,
    after: (client, details, origin) => confirmDetails(client, details as CmpSubscriptionDetail[], origin),
  },
  [subscriptionMirror.kind]: { mirror: subscriptionMirror, confirmedSql },
};
