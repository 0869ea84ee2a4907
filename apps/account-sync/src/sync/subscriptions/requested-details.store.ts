import type { RunContext } from '@isthmus/sync-engine';
import type { PoolClient } from 'pg';
import { liveSubscriptionSql } from '../../subscriptions/subscription.mirror.ts';

/** Name of the detail's mirror in plans, next to that of the listing. */
export const detailPlan = 'provider-subscription-detail';

export interface RequestedDetail {
  id: string;
  cmpId: string;
}

/** A run started by a user does not wait for the delay after which a failed detail is retried. */
export async function retryFailedDetailsNow(
  { pool, run }: RunContext,
  accounts: readonly string[] | undefined,
): Promise<void> {
  await pool.query(
    `update provider_subscriptions m set detail_wanted_at = now()
     where m.tenant_id = $1 and m.connector_id = $2 and m.gone_at is null and m.detail_failures > 0 and m.detail_wanted_at > now()
       and ($3::uuid[] is null or m.provider_account_id = any($3))`,
    [run.tenantId, run.connectorId, accounts ?? null],
  );
}

/**
 * Requests the details confirmed longest ago, so that each is confirmed every `days` days if this is called every hour. What was confirmed
 * within the last day (or seventh of `days`, if that is less) is left alone: after a first picture, every call would confirm what is known.
 */
export async function requestOldestDetails({ pool, run }: RunContext, days: number): Promise<void> {
  await pool.query(
    `with live as (
       select m.id, m.detail_confirmed_at, m.detail_wanted_at from provider_subscriptions m
       where m.tenant_id = $1 and m.connector_id = $2 and m.gone_at is null and ${liveSubscriptionSql})
     update provider_subscriptions set detail_wanted_at = now() where detail_wanted_at is null and id in (
       select id from live where detail_wanted_at is null
         and coalesce(detail_confirmed_at < now() - make_interval(secs => least($3::float8 / 7, 1) * 86400), true)
       order by detail_confirmed_at nulls first
       limit (select ceil(count(*) / ($3::float8 * 24)) from live))`,
    [run.tenantId, run.connectorId, days],
  );
}

/** Requests the details of every live subscription of the accounts, because a user waits for current quantities. */
export async function requestAllDetails(
  { pool, run }: RunContext,
  accounts: readonly string[],
): Promise<void> {
  await pool.query(
    `update provider_subscriptions m set detail_wanted_at = now()
     where m.tenant_id = $1 and m.connector_id = $2 and m.provider_account_id = any($3) and m.gone_at is null
       and (m.detail_wanted_at is null or m.detail_wanted_at > now()) and ${liveSubscriptionSql}`,
    [run.tenantId, run.connectorId, accounts],
  );
}

/** Requests the details of one subscription, whatever its state. */
export async function requestDetail({ pool, run }: RunContext, id: string): Promise<void> {
  await pool.query(
    `update provider_subscriptions m set detail_wanted_at = now()
     where m.tenant_id = $1 and m.connector_id = $2 and m.id = $3 and m.gone_at is null
       and (m.detail_wanted_at is null or m.detail_wanted_at > now())`,
    [run.tenantId, run.connectorId, id],
  );
}

/** The connector's live subscriptions, and all their seats as far as they are known. */
export async function countLive({
  pool,
  run,
}: RunContext): Promise<{ subscriptions: number; seats: number }> {
  const { rows } = await pool.query<{ subscriptions: number; seats: number }>(
    `select count(*)::int as subscriptions, coalesce(sum(m.quantity), 0)::float8 as seats from provider_subscriptions m
     where m.tenant_id = $1 and m.connector_id = $2 and m.gone_at is null and ${liveSubscriptionSql}`,
    [run.tenantId, run.connectorId],
  );
  return rows[0]!;
}

const plannedRows = `sync_plan_batches b cross join lateral json_to_recordset(b.rows) as p(mirror text, id uuid, "cmpId" text, live boolean, value text)`;

/**
 * The subscriptions that a plan has to read: live ones that differ in its listing, those requested anyway, and all of the
 * accounts if it is restricted to a few. Those read before an interruption are left out.
 */
export async function detailsForPlan(
  { pool, run }: RunContext,
  accounts: readonly string[] | undefined,
): Promise<RequestedDetail[]> {
  const { rows } = await pool.query<RequestedDetail>(
    `with planned as materialized (
       select p.id, p."cmpId", p.mirror, p.live from ${plannedRows} where b.run_id = $4)
     select w.id, w."cmpId" from (
       select id, "cmpId" from planned where mirror = 'provider-subscription' and live
       union
       select m.id, m.cmp_id from provider_subscriptions m
       where m.tenant_id = $1 and m.connector_id = $2 and m.gone_at is null and ${liveSubscriptionSql}
         and case when $3::uuid[] is null then m.detail_wanted_at <= now() else m.provider_account_id = any($3) end
         and not exists (select from provider_accounts a where a.id = m.provider_account_id and not a.sync_enabled)) w
     where w.id not in (select id from planned where mirror = $5 or live is not true)
     order by w."cmpId"`,
    [run.tenantId, run.connectorId, accounts ?? null, run.id, detailPlan],
  );
  return rows;
}

/** Returns which of these details a plan has already read, by our ids; those equal to the mirror are not included. */
export async function readByPlan({ pool, run }: RunContext, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await pool.query<{ id: string }>(
    `select p.id from ${plannedRows} where b.run_id = $1 and p.mirror = $2 and p.id = any($3)`,
    [run.id, detailPlan, ids],
  );
  return new Set(rows.map(({ id }) => id));
}

/** The data about subscriptions that the listing of a plan has read, by our ids. */
export async function plannedListing<T>({ pool, run }: RunContext, ids: readonly string[]): Promise<T[]> {
  const { rows } = await pool.query<{ value: string }>(
    `select p.value from ${plannedRows}
     where b.run_id = $1 and p.mirror = 'provider-subscription' and p.live and p.id = any($2)`,
    [run.id, ids],
  );
  return rows.map(({ value }) => JSON.parse(value) as T);
}

/**
 * Schedules retries: immediately in the next run, then after one minute, two, four … and finally once a day. Returns our ids of
 * their accounts.
 */
export async function rescheduleFailed(
  client: PoolClient,
  failed: readonly { wanted: Pick<RequestedDetail, 'id'>; reason: string }[],
  asOf: string,
): Promise<string[]> {
  const { rows } = await client.query<{ account: string }>(
    `update provider_subscriptions m set detail_failure = f.reason, detail_failures = m.detail_failures + 1,
       detail_wanted_at = case when m.gone_at is null and ${liveSubscriptionSql} then greatest($3::timestamptz, now())
         + case when m.detail_failures = 0 then interval '0' else least(interval '1 minute' * power(2, least(m.detail_failures, 20) - 1), interval '1 day') end end
     from unnest($1::uuid[], $2::text[]) as f(id, reason) where m.id = f.id
     returning m.provider_account_id as account`,
    [failed.map(({ wanted: { id } }) => id), failed.map(({ reason }) => reason), asOf],
  );
  return rows.map(({ account }) => account);
}
