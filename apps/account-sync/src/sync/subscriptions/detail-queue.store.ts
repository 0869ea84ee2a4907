import type { RunContext } from '@isthmus/sync-engine';
import { liveSubscriptionSql } from '../../subscriptions/subscription.mirror.ts';
import type { RequestedDetail } from './requested-details.store.ts';

/** The position of a run among the details that were requested when it began: a run reads each only once, even if it fails. */
export interface DetailQueueCursor {
  /** Details requested later are for the next run. */
  until: string;
  /** The last one processed. Only a run that stores nothing needs it: what is stored is no longer requested. */
  after?: [urgency: number, wantedAt: string, id: string];
}

interface RequestedDetailRow extends RequestedDetail {
  urgency: number;
  wantedAt: string;
}

const wanted = `m.tenant_id = $1 and m.connector_id = $2 and m.gone_at is null and m.detail_wanted_at <= $4::timestamptz
  and ($3::uuid[] is null or m.provider_account_id = any($3)) and a.sync_enabled is not false`;

const queue = `provider_subscriptions m left join provider_accounts a on a.tenant_id = m.tenant_id and a.id = m.provider_account_id`;

/**
 * The lower, the earlier a detail is read. What is billed comes first: accounts with a contract in force, then all linked accounts;
 * among those, subscriptions without a first event before known ones, and active ones before those on hold and those that ended.
 */
const urgency = `8 * case when a.tenant_account_id is null then 2
    when exists (select from billing_contracts c where c.tenant_id = m.tenant_id and c.tenant_account_id = a.tenant_account_id
      and (c.end_date is null or c.end_date >= current_date)) then 0 else 1 end
  + 4 * (m.announced_version is not null)::int
  + case when m.status = 'active' then 0 when ${liveSubscriptionSql} then 1 else 2 end`;

export async function beginDetailQueue({ pool }: RunContext): Promise<DetailQueueCursor> {
  const { rows } = await pool.query<{ until: string }>('select now()::text as until');
  return { until: rows[0]!.until };
}

/**
 * The next subscriptions whose detail is requested, the most urgent first; only of `accounts`, if given. The order is that of this
 * moment: an account that is linked while a run of many hours is reading gets its turn at once.
 * @param isPlanning the run stores nothing, so that what it has read is still requested
 */
export async function nextRequestedDetails(
  { pool, run }: RunContext,
  accounts: readonly string[] | undefined,
  { until, after }: DetailQueueCursor,
  limit: number,
  isPlanning: boolean,
): Promise<{ details: RequestedDetail[]; place: DetailQueueCursor }> {
  const from = isPlanning ? after : undefined;
  const { rows } = await pool.query<RequestedDetailRow>(
    `select * from (
       select m.id, m.cmp_id as "cmpId", ${urgency} as urgency, m.detail_wanted_at as wanted_at, m.detail_wanted_at::text as "wantedAt"
       from ${queue} where ${wanted}) w
     ${from ? 'where (urgency, wanted_at, id) > ($6::int, $7::timestamptz, $8::uuid)' : ''}
     order by urgency, wanted_at, id limit $5`,
    [run.tenantId, run.connectorId, accounts ?? null, until, limit, ...(from ?? [])],
  );
  const last = rows.at(-1);
  const details = rows.map(({ id, cmpId }) => ({ id, cmpId }));
  return { details, place: { until, after: last ? [last.urgency, last.wantedAt, last.id] : after } };
}

export async function countRequestedDetails(
  { pool, run }: RunContext,
  accounts: readonly string[] | undefined,
  { until }: DetailQueueCursor,
): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `select count(*)::int as n from ${queue} where ${wanted}`,
    [run.tenantId, run.connectorId, accounts ?? null, until],
  );
  return rows[0]!.n;
}
