import { UnusableField } from '@isthmus/domain';
import type { DueRun, LeasedRun, RunContext } from '@isthmus/sync-engine';
import type { TenantRows } from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import { ProviderAccount } from '../accounts/account.entity.ts';
import { ProviderAccountNotFound } from '../accounts/accounts.store.ts';
import { requireContract } from '../billing-contracts/billing-contracts.store.ts';
import { statements } from '../database.ts';
import { ProviderSubscription } from '../subscriptions/subscription.entity.ts';
import { liveSubscriptionSql } from '../subscriptions/subscription.mirror.ts';
import { ProviderSubscriptionNotFound } from '../subscriptions/subscriptions.store.ts';
import type { WorkerEnv } from '../worker.config.ts';
import { AccountSyncDisabled, ProviderAccountGone, parseTarget, type SyncTarget } from './run-target.ts';

/**
 * Scrubs are enabled together with the sweep and run hourly, when there are calls to spare; reports are enabled together with the
 * accounts.
 */
const scrubMinutes = 60;

/**
 * Runs that are due by the schedules of active connectors: no identical run is in progress, and the last one is long enough
 * ago. A run that waits for approval does not hold up others.
 */
export async function dueRuns(pool: Pool, { REPORT_EVERY_MINUTES }: WorkerEnv): Promise<DueRun[]> {
  const { rows } = await pool.query<DueRun>(
    `select c.tenant_id as "tenantId", c.connector_id as "connectorId", due.scope, due.depth
     from connectors c
     cross join lateral (values
       ('accounts', 'full', (c.schedule->>'accountsMinutes')::float8),
       ('subscriptions', 'incremental', (c.schedule->>'tickMinutes')::float8),
       ('subscriptions', 'full', (c.schedule->>'sweepMinutes')::float8),
       ('subscriptions', 'scrub', case when (c.schedule->>'sweepMinutes')::float8 > 0 then $1::float8 else 0 end),
       ('reports', 'incremental', case when (c.schedule->>'accountsMinutes')::float8 > 0 then $2::float8 else 0 end)
     ) as due(scope, depth, minutes)
     where c.status = 'active' and due.minutes > 0
       and exists (select from provider_accounts a where a.tenant_id = c.tenant_id and a.connector_id = c.connector_id)
       and not exists (
         select from sync_runs r
         where r.connector_id = c.connector_id and r.scope = due.scope and r.depth = due.depth and r.target = ''
           and r.created_at > greatest(now() - make_interval(secs => due.minutes * 60), c.restored_at))
       and not exists (
         select from sync_runs r
         where r.connector_id = c.connector_id and r.scope = due.scope and r.depth = due.depth and r.target = ''
           and r.status in ('queued', 'running'))`,
    [scrubMinutes, REPORT_EVERY_MINUTES],
  );
  return rows;
}

/**
 * Rejects a run restricted to an account or a contract that has nothing to read.
 * @throws ProviderAccountNotFound, BillingContractNotFound, ProviderAccountGone, AccountSyncDisabled, UnusableField
 */
export async function checkTarget(em: EntityManager, connectorId: string, target: SyncTarget): Promise<void> {
  if (target.providerAccountId) await checkAccount(em, connectorId, target.providerAccountId);
  if (target.billingContractId) await checkContract(em, connectorId, target.billingContractId);
  if (target.providerSubscriptionId) await checkSubscription(em, connectorId, target.providerSubscriptionId);
}

async function checkSubscription(em: EntityManager, connectorId: string, id: string): Promise<void> {
  const subscription = await em.findOne(ProviderSubscription, { id });
  if (!subscription) throw new ProviderSubscriptionNotFound(id);
  if (subscription.connectorId !== connectorId) {
    const detail = `Provider subscription ${id} belongs to connector ${subscription.connectorId}.`;
    const nextStep = 'Name that connector as connectorId, or another subscription.';
    throw new UnusableField('providerSubscriptionId', detail, nextStep);
  }
  if (subscription.goneAt) {
    const detail = `CMP no longer lists provider subscription ${id}.`;
    const nextStep = 'Sync the subscriptions of its account, in case it is listed again.';
    throw new UnusableField('providerSubscriptionId', detail, nextStep);
  }
  await checkAccount(em, connectorId, subscription.providerAccountId);
}

async function checkAccount(em: EntityManager, connectorId: string, id: string): Promise<void> {
  const account = await em.findOne(ProviderAccount, { id });
  if (!account) throw new ProviderAccountNotFound(id);
  if (account.connectorId !== connectorId) {
    const detail = `Provider account ${id} belongs to connector ${account.connectorId}.`;
    throw new UnusableField(
      'providerAccountId',
      detail,
      'Name that connector as connectorId, or another account.',
    );
  }
  if (account.goneAt) throw new ProviderAccountGone(id);
  if (!account.syncEnabled) throw new AccountSyncDisabled(`provider account ${id}`);
}

async function checkContract(em: EntityManager, connectorId: string, id: string): Promise<void> {
  const { tenantAccountId } = await requireContract(em, id);
  const accounts = await em.find(ProviderAccount, { connectorId, tenantAccountId, goneAt: null });
  if (accounts.length === 0) {
    const detail = `No provider account of connector ${connectorId} is linked to tenant account ${tenantAccountId}.`;
    throw new UnusableField(
      'billingContractId',
      detail,
      'Name the connector of a linked account, or link one.',
    );
  }
  if (accounts.every(({ syncEnabled }) => !syncEnabled))
    throw new AccountSyncDisabled(`every provider account of billing contract ${id}`);
}

export interface TargetAccount {
  id: string;
  cmpId: string;
}

/**
 * The provider accounts that a run is restricted to: one account, or those linked to the tenant account of a billing contract;
 * the one of a subscription; undefined for a run over all of them. Accounts whose sync is off are left out.
 */
export async function targetAccounts(pool: Pool, run: LeasedRun): Promise<TargetAccount[] | undefined> {
  if (!run.target) return undefined;
  const { providerAccountId, billingContractId, providerSubscriptionId } = parseTarget(run.target);
  const which = providerAccountId
    ? 'a.id = $3'
    : providerSubscriptionId
      ? 'a.id = (select provider_account_id from provider_subscriptions where tenant_id = $1 and id = $3)'
      : `a.tenant_account_id = (select tenant_account_id from billing_contracts where tenant_id = $1 and id = $3)`;
  const { rows } = await pool.query<TargetAccount>(
    `select a.id, a.cmp_id as "cmpId" from provider_accounts a
     where a.tenant_id = $1 and a.connector_id = $2 and a.sync_enabled and a.gone_at is null and ${which} order by a.id`,
    [run.tenantId, run.connectorId, providerAccountId ?? providerSubscriptionId ?? billingContractId],
  );
  return rows;
}

/** See `ConnectorFreshnessView`. */
export interface FreshnessRow {
  connectorId: string;
  accounts: number;
  subscriptions: number;
  seats: number;
  accountsAsOf: Date | null;
  subscriptionsAsOf: Date | null;
  ordersAsOf: Date | null;
  runningRunId: string | null;
  heldRunId: string | null;
  failedRuns: number;
}

const lastRun = (scope: string, depths: string): string => `(
  select max(r.started_at) from sync_runs r
  where r.tenant_id = $1 and r.connector_id = c.connector_id and r.scope = '${scope}' and r.depth in (${depths})
    and r.target = '' and r.apply and r.status = 'succeeded' and r.complete is not false)`;

/** What has been read of each connector of the tenant, and how current it is. */
export const readFreshness = (rows: TenantRows): Promise<FreshnessRow[]> =>
  rows.select<FreshnessRow & Record<string, unknown>>(
    `select c.connector_id as "connectorId", accounts.n as accounts, subscriptions.n as subscriptions, subscriptions.seats,
       ${lastRun('accounts', "'full'")} as "accountsAsOf",
       ${lastRun('subscriptions', "'full'")} as "subscriptionsAsOf",
       greatest(${lastRun('subscriptions', "'full', 'incremental'")}, ${lastRun('orders', "'full', 'incremental'")}) as "ordersAsOf",
       (select r.id from sync_runs r where r.tenant_id = $1 and r.connector_id = c.connector_id
          and r.status in ('queued', 'running') order by r.status desc, r.created_at limit 1) as "runningRunId",
       (select r.id from sync_runs r where r.tenant_id = $1 and r.connector_id = c.connector_id
          and r.status = 'awaiting-approval' order by r.created_at limit 1) as "heldRunId",
       (select count(*)::int from sync_runs r where r.tenant_id = $1 and r.connector_id = c.connector_id
          and r.status = 'failed' and r.finished_at > now() - interval '1 day') as "failedRuns"
     from connectors c
     cross join lateral (select count(*)::int as n from provider_accounts a
       where a.tenant_id = $1 and a.connector_id = c.connector_id and a.gone_at is null) accounts
     cross join lateral (select count(*)::int as n, coalesce(sum(m.quantity), 0)::float8 as seats from provider_subscriptions m
       where m.tenant_id = $1 and m.connector_id = c.connector_id and m.gone_at is null and ${liveSubscriptionSql}) subscriptions
     where c.tenant_id = $1 and c.status <> 'removed'
     order by c.connector_id`,
  );

/** CMP ids of the accounts whose sync is switched off. */
export async function switchedOffAccounts({ em, run }: RunContext): Promise<ReadonlySet<string>> {
  const accounts = await statements(em)
    .selectFrom('ProviderAccount as a')
    .select('a.cmpId')
    .where('a.tenantId', '=', run.tenantId)
    .where('a.connectorId', '=', run.connectorId)
    .where('a.syncEnabled', '=', false)
    .execute();
  return new Set(accounts.map(({ cmpId }) => cmpId));
}
