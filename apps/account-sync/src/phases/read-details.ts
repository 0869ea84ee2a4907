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

interface Failed {
  wanted: WantedDetail;
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
  const confirmed = rows.map((row) => row.id);
  await context.commit({
    done: progress.done + details.length + failed.length,
    total: progress.total,
    counts: { read: details.length, unchanged: rows.length - differences.length, failed: failed.length },
    records: failed.map(failedRecord),
    write: async (client) => {
      const result = await writeChanges(client, mirror, sql, differences, origin);
      await client.query(
        `update provider_subscriptions m set detail_confirmed_at = $2::timestamptz, detail_failure = f.reason,
           detail_wanted_at = case when m.detail_wanted_at > $2::timestamptz then m.detail_wanted_at end
         from unnest($1::uuid[], $3::text[]) as f(id, reason) where m.id = f.id`,
        [
          [...confirmed, ...failed.map(({ wanted: { id } }) => id)],
          asOf,
          [...confirmed.map(() => null), ...failed.map(({ reason }) => reason)],
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
    if (answer.status === 'fulfilled') details.push(answer.value);
    else if (concernsOneRecord(answer.reason)) {
      failed.push({
        wanted: wanted[index]!,
        reason: answer.reason.message,
        correlationId: answer.reason.correlationId,
      });
    } else broken ??= { error: answer.reason };
  });
  return { details, failed, broken };
}

const oneRecordOnly: readonly string[] = ['not-found', 'business', 'validation'];

/** Refused or unreadable by itself, while everything else can be read. */
export const concernsOneRecord = (error: unknown): error is CmpRejected | CmpContractBroken =>
  error instanceof CmpContractBroken ||
  (error instanceof CmpRejected && oneRecordOnly.includes(error.category));

const failedRecord = ({ wanted, reason, correlationId }: Failed): RunRecord => ({
  kind: mirror.kind,
  cmpId: wanted.cmpId,
  result: 'failed',
  reason,
  correlationId,
});
