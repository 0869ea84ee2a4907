import { Injectable } from '@nestjs/common';
import {
  ProviderAccountClosedV1,
  ProviderSubscriptionEndedV1,
  type CountAccountRecordsResponse,
} from '@isthmus/contracts';
import { emitMany, event, type Message, type NewEvent, type SqlClient } from '@isthmus/messaging';
import type { TenantRows } from '@isthmus/service-kit';
import { ConnectorRecords, openStatuses } from '@isthmus/sync-engine';
import { liveSubscriptionSql } from '../subscriptions/subscription.mirror.ts';

/** Counts of what would end with a connector here. */
export async function countConnectorRecords(
  rows: TenantRows,
  connectorId: string,
): Promise<CountAccountRecordsResponse> {
  const [counts] = await rows.select<CountAccountRecordsResponse & Record<string, unknown>>(
    `select count(*)::int as accounts, count(a.tenant_account_id)::int as links,
       (select count(*)::int from billing_contracts b where b.tenant_id = $1 and b.tenant_account_id in (
         select l.tenant_account_id from provider_accounts l
         where l.tenant_id = $1 and l.connector_id = $2 and l.gone_at is null)) as contracts,
       (select count(*)::int from provider_subscriptions m
        where m.tenant_id = $1 and m.connector_id = $2 and m.gone_at is null and ${liveSubscriptionSql}) as "liveSubscriptions",
       (select count(*)::int from sync_runs r
        where r.tenant_id = $1 and r.connector_id = $2 and r.status = any($3)) as "openRuns"
     from provider_accounts a where a.tenant_id = $1 and a.connector_id = $2 and a.gone_at is null`,
    [connectorId, openStatuses],
  );
  return counts!;
}

interface EndedAccount {
  id: string;
  cmpId: string;
  name: string;
  status: string;
  live: boolean;
  customDomain: string | null;
  externalId: string | null;
  version: number;
}

interface EndedSubscription {
  id: string;
  cmpId: string;
  cmpAccountId: string;
  accountId: string;
  isPublished: boolean;
  version: number;
}

const batchSize = 2_000;
const firstId = '00000000-0000-0000-0000-000000000000';
const reason = 'connector-removed' as const;

/** Ends the accounts and subscriptions of a removed connector; links, domains and all data are retained. */
@Injectable()
export class AccountRecords extends ConnectorRecords {
  /** Works in batches, so that a million rows need no more memory than a few thousand. */
  async endAll(client: SqlClient, connectorId: string, cause: Message): Promise<void> {
    const { tenantId } = cause;
    let last: EndedSubscription | undefined;
    do {
      const { rows } = await client.query<EndedSubscription>(endSubscriptions, [
        tenantId,
        connectorId,
        last?.accountId ?? firstId,
        last?.id ?? firstId,
      ]);
      await emitMany(
        client,
        rows
          .filter(({ isPublished }) => isPublished)
          .map((row) => subscriptionEnded(row, connectorId, cause)),
      );
      last = lastOf(rows);
    } while (last);
    for (;;) {
      const { rows } = await client.query<EndedAccount>(endAccounts, [tenantId, connectorId]);
      if (rows.length === 0) return;
      await emitMany(
        client,
        rows.filter(({ live }) => live).map((row) => accountClosed(row, connectorId, cause)),
      );
    }
  }
}

/**
 * Subscriptions whose first event was never published end without an event. The rows are ordered by the index on the account, so
 * that no batch reads rows that earlier ones have ended.
 */
const endSubscriptions = `
  with batch as (
    select id from provider_subscriptions
    where tenant_id = $1 and connector_id = $2 and gone_at is null and (provider_account_id, id) > ($3::uuid, $4::uuid)
    order by provider_account_id, id limit ${batchSize})
  update provider_subscriptions m
    set gone_at = now(), gone_reason = '${reason}', detail_wanted_at = null, version = m.version + 1
  from batch where m.id = batch.id
  returning m.id, m.cmp_id as "cmpId", m.cmp_account_id as "cmpAccountId", m.provider_account_id as "accountId", m.version,
    m.announced_version is not null and ${liveSubscriptionSql} as "isPublished"`;

const endAccounts = `
  with batch as (
    select id from provider_accounts where tenant_id = $1 and connector_id = $2 and gone_at is null limit ${batchSize})
  update provider_accounts m set gone_at = now(), gone_reason = '${reason}', version = m.version + 1
  from batch where m.id = batch.id
  returning m.id, m.cmp_id as "cmpId", m.name, m.status, m.status <> 'cancelled' as live, m.custom_domain as "customDomain",
    m.external_id as "externalId", m.version`;

/** A statement returns its rows in any order. */
const lastOf = (rows: readonly EndedSubscription[]): EndedSubscription | undefined =>
  rows.reduce<EndedSubscription | undefined>(
    (last, row) => (!last || position(row) > position(last) ? row : last),
    undefined,
  );
const position = ({ accountId, id }: EndedSubscription): string => `${accountId} ${id}`;

const subscriptionEnded = (row: EndedSubscription, connectorId: string, cause: Message): NewEvent =>
  event(
    ProviderSubscriptionEndedV1,
    {
      connectorId,
      providerSubscriptionId: row.id,
      cmpSubscriptionId: row.cmpId,
      cmpAccountId: row.cmpAccountId,
      providerAccountId: row.accountId,
      status: reason,
      reason,
      asOf: cause.time,
    },
    { tenantId: cause.tenantId, aggregateId: row.id, version: row.version, cause },
  );

const accountClosed = (row: EndedAccount, connectorId: string, cause: Message): NewEvent =>
  event(
    ProviderAccountClosedV1,
    {
      connectorId,
      providerAccountId: row.id,
      cmpAccountId: row.cmpId,
      name: row.name,
      status: row.status,
      customDomain: row.customDomain ?? undefined,
      externalId: row.externalId ?? undefined,
      reason,
      asOf: cause.time,
    },
    { tenantId: cause.tenantId, aggregateId: row.id, version: row.version, cause },
  );
