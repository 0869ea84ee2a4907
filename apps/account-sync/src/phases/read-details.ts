import {
  CmpContractBroken,
  CmpRejected,
  type CmpClient,
  type CmpSubscriptionDetail,
} from '@isthmus/cmp-client';
import {
  changesOf,
  mirrorId,
  mirrorRow,
  mirrorSql,
  writeChanges,
  type RunContext,
  type RunRecord,
} from '@isthmus/sync-engine';
import { subscriptionDetailMirror } from '../mirrors/subscription-detail.mirror.ts';
import { fillDomains } from './fill-domains.ts';
import type { WantedDetail } from './wanted-details.ts';

const mirror = subscriptionDetailMirror;
const sql = mirrorSql(mirror);

/** A detail that tells nothing: CMP would not answer it, or what it answered cannot be kept. What was known before stays. */
interface Failed {
  wanted: WantedDetail;
  result: 'failed' | 'set-aside';
  reason: string;
  correlationId?: string;
}

/** Reads the details of a handful of subscriptions side by side and stores what differs, with its events, in one transaction. */
export async function readDetails(
  context: RunContext,
  cmp: CmpClient,
  wanted: readonly WantedDetail[],
  progress: { done: number; total: number },
): Promise<void> {
  const { run, pool } = context;
  const asOf = new Date().toISOString();
  const { details, failed, broken } = await fetchAll(cmp, wanted, context.signal);

  const rows = details.map((detail) => mirrorRow(mirror, run, detail));
  const differences = await changesOf(pool, mirror, sql, rows);
  const origin = { tenantId: run.tenantId, connectorId: run.connectorId, asOf };
  const unreadable = failed.filter(({ result }) => result === 'set-aside').length;
  await context.commit({
    done: progress.done + details.length + failed.length,
    total: progress.total,
    counts: {
      read: details.length,
      unchanged: rows.length - differences.length,
      setAside: unreadable,
      failed: failed.length - unreadable,
    },
    records: failed.map(failedRecord),
    write: async (client) => {
      const { refused, ...result } = await writeChanges(client, mirror, sql, differences, origin);
      const confirmed = rows.flatMap(({ id }) => (refused.has(id) ? [] : [id]));
      const reasons = [...failed.map(({ wanted: { id }, reason }) => [id, reason] as const), ...refused];
      await client.query(
        `update provider_subscriptions m set detail_confirmed_at = $2::timestamptz, detail_failure = f.reason,
           detail_wanted_at = case when m.detail_wanted_at > $2::timestamptz then m.detail_wanted_at end
         from unnest($1::uuid[], $3::text[]) as f(id, reason) where m.id = f.id`,
        [
          [...confirmed, ...reasons.map(([id]) => id)],
          asOf,
          [...confirmed.map(() => null), ...reasons.map(([, reason]) => reason)],
        ],
      );
      const accounts = new Set(details.map((detail) => mirrorId(run, 'provider-account', detail.customerId)));
      const filled = await fillDomains(client, [...accounts], origin);
      return { ...result, events: [...(result.events ?? []), ...filled] };
    },
  });
  if (broken) throw broken.error;
}

/** A detail that CMP refuses or garbles concerns that subscription alone; anything else stops the run after storing the rest. */
async function fetchAll(cmp: CmpClient, wanted: readonly WantedDetail[], signal: AbortSignal) {
  const details: CmpSubscriptionDetail[] = [];
  const failed: Failed[] = [];
  let broken: { error: unknown } | undefined;
  const answers = await Promise.allSettled(
    wanted.map(({ cmpId }) => cmp.subscriptions.get(cmpId, { signal })),
  );
  answers.forEach((answer, index) => {
    if (answer.status === 'fulfilled') {
      const unread = answer.value.unread?.[0];
      if (!unread) details.push(answer.value);
      else
        failed.push({
          wanted: wanted[index]!,
          result: 'set-aside',
          reason: `${unread.field}: ${unread.reason}`,
        });
    } else if (concernsOneRecord(answer.reason)) {
      failed.push({
        wanted: wanted[index]!,
        result: isUnreadable(answer.reason) ? 'set-aside' : 'failed',
        reason: answer.reason.message,
        correlationId: answer.reason.correlationId,
      });
    } else broken ??= { error: answer.reason };
  });
  return { details, failed, broken };
}

const oneRecordOnly: readonly string[] = ['not-found', 'business', 'validation'];

/** Whether a failed call says something of the record that was asked for, and nothing of CMP or of the connector. */
export const concernsOneRecord = (error: unknown): error is CmpRejected | CmpContractBroken =>
  error instanceof CmpContractBroken ||
  (error instanceof CmpRejected && oneRecordOnly.includes(error.category));

/** CMP answered the record, but a field of it cannot be read. */
const isUnreadable = (error: CmpRejected | CmpContractBroken): boolean =>
  error instanceof CmpContractBroken && error.field !== undefined;

const failedRecord = ({ wanted, result, reason, correlationId }: Failed): RunRecord => ({
  kind: mirror.kind,
  cmpId: wanted.cmpId,
  result,
  reason,
  correlationId,
});
