import type { RunContext } from '@isthmus/sync-engine';
import { liveSubscriptionSql } from '../mirrors/subscription.mirror.ts';

export interface WantedDetail {
  id: string;
  cmpId: string;
}

const wanted = `m.tenant_id = $1 and m.connector_id = $2 and m.gone_at is null and m.detail_wanted_at is not null
  and ($3::uuid[] is null or m.provider_account_id = any($3))
  and not exists (select from provider_accounts a where a.id = m.provider_account_id and not a.sync_enabled)`;

/** The subscriptions whose detail is asked for, the longest waiting first; of `accounts` only, when given. */
export async function nextWanted(
  { pool, run }: RunContext,
  accounts: readonly string[] | undefined,
  limit: number,
): Promise<WantedDetail[]> {
  const { rows } = await pool.query<WantedDetail>(
    `select m.id, m.cmp_id as "cmpId" from provider_subscriptions m where ${wanted} order by m.detail_wanted_at limit $4`,
    [run.tenantId, run.connectorId, accounts ?? null, limit],
  );
  return rows;
}

export async function countWanted(
  { pool, run }: RunContext,
  accounts: readonly string[] | undefined,
): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `select count(*)::int as n from provider_subscriptions m where ${wanted}`,
    [run.tenantId, run.connectorId, accounts ?? null],
  );
  return rows[0]!.n;
}

/** Asks for the details confirmed longest ago, so that each is confirmed every `days` days if this is called every hour. */
export async function wantOldest({ pool, run }: RunContext, days: number): Promise<void> {
  await pool.query(
    `with live as (
       select m.id, m.detail_confirmed_at from provider_subscriptions m
       where m.tenant_id = $1 and m.connector_id = $2 and m.gone_at is null and ${liveSubscriptionSql})
     update provider_subscriptions set detail_wanted_at = now() where detail_wanted_at is null and id in (
       select id from live order by detail_confirmed_at nulls first
       limit (select ceil(count(*) / ($3 * 24.0)) from live))`,
    [run.tenantId, run.connectorId, days],
  );
}

/** Asks for the details of every live subscription of the accounts: somebody waits for them and wants today's quantities. */
export async function wantAll({ pool, run }: RunContext, accounts: readonly string[]): Promise<void> {
  await pool.query(
    `update provider_subscriptions m set detail_wanted_at = now()
     where m.tenant_id = $1 and m.connector_id = $2 and m.provider_account_id = any($3) and m.gone_at is null
       and m.detail_wanted_at is null and ${liveSubscriptionSql}`,
    [run.tenantId, run.connectorId, accounts],
  );
}
