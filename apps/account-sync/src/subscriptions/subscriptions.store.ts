import { DomainError } from '@isthmus/domain';
import type { SubscriptionLineV1 } from '@isthmus/contracts';
import { Conditions, type TenantRows } from '@isthmus/service-kit';
import { defineEntity, p } from '@mikro-orm/core';
import { liveSubscriptionSql } from './subscription.mirror.ts';
import { type EndedFilter, whereEnded } from '../list-query.ts';

const schema = defineEntity({
  name: 'ProviderSubscription',
  tableName: 'provider_subscriptions',
  indexes: [
    {
      name: 'provider_subscriptions_by_account',
      properties: ['tenantId', 'connectorId', 'providerAccountId'],
    },
    {
      name: 'provider_subscriptions_wanted',
      expression: `create index provider_subscriptions_wanted on provider_subscriptions
          (connector_id, (announced_version is not null), detail_wanted_at, id) where detail_wanted_at is not null`,
    },
    {
      name: 'provider_subscriptions_unread',
      expression: `create index provider_subscriptions_unread on provider_subscriptions (connector_id, provider_account_id)
          where lines is null and gone_at is null`,
    },
    {
      name: 'provider_subscriptions_live',
      expression: `create index provider_subscriptions_live on provider_subscriptions (tenant_id, connector_id, provider_account_id, id)
          where gone_at is null and status in ('pending', 'active', 'hold', 'unknown')`,
    },
  ],
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    cmpId: p.text(),
    cmpAccountId: p.text(),
    /** Our id of the account, whether or not CMP has listed it yet. */
    providerAccountId: p.uuid(),
    name: p.text(),
    /** CMP's value: pending, active, hold, terminated, removed, unknown. */
    status: p.text(),
    autoRenew: p.boolean().nullable(),
    creationDate: p.text().columnType('date').nullable(),
    renewalDate: p.text().columnType('date').nullable(),
    expirationDate: p.text().columnType('date').nullable(),
    lastModifiedDate: p.text().columnType('date').nullable(),
    billingModel: p.text().nullable(),
    /** ISO 8601 durations, e.g. P1M and P1Y. */
    billingPeriod: p.text().nullable(),
    term: p.text().nullable(),
    /** Sum over the lines; null until the detail was read, as CMP's lists carry no quantities. */
    quantity: p.integer().nullable(),
    lines: p.json<SubscriptionLineV1[]>().columnType('json').nullable(),
    planId: p.text().nullable(),
    microsoftDomain: p.text().nullable(),
    microsoftTenantId: p.text().nullable(),
    detailHash: p.uuid().nullable(),
    /** Since when the detail may have changed; null when it is as known. */
    detailWantedAt: p.datetime().nullable(),
    /** When the detail was last read. */
    detailConfirmedAt: p.datetime().nullable(),
    detailFailure: p.text().nullable(),
    /** Readings of the detail that failed one after the other; the next one waits longer with each. */
    detailFailures: p.integer().default(0),
    /** The version with which it was first announced; null while it is stored but not published. */
    announcedVersion: p.integer().nullable(),
    hash: p.uuid(),
    readAt: p.datetime(),
    goneAt: p.datetime().nullable(),
    /** Why it is gone although CMP never reported its end: `no-longer-listed`, `connector-removed`. */
    goneReason: p.text().nullable(),
    version: p.integer().version(),
  },
});

/** A subscription at CMP as last read. */
export class ProviderSubscription extends schema.class {}
schema.setClass(ProviderSubscription);

export interface ProviderSubscriptionRow {
  id: string;
  connectorId: string;
  providerAccountId: string;
  cmpSubscriptionId: string;
  cmpAccountId: string;
  name: string;
  status: string;
  autoRenew: boolean | null;
  creationDate: string | null;
  renewalDate: string | null;
  expirationDate: string | null;
  billingModel: string | null;
  billingPeriod: string | null;
  term: string | null;
  quantity: number | null;
  lines: SubscriptionLineV1[] | null;
  planId: string | null;
  microsoftDomain: string | null;
  microsoftTenantId: string | null;
  detailWantedAt: Date | null;
  detailConfirmedAt: Date | null;
  detailFailure: string | null;
  goneAt: Date | null;
  goneReason: string | null;
  asOf: Date;
  version: number;
}

const live = liveSubscriptionSql.replace('m.', 's.');

export interface ProviderSubscriptionFilter {
  connectorId?: string;
  providerAccountId?: string;
  status?: string;
  ended: EndedFilter;
}

/** CMP's value; or the reason, if CMP did not end it. */
const shownStatus = `case when s.gone_at is not null and ${live} then coalesce(s.gone_reason, 'no-longer-listed') else s.status end`;

// A run from before the account's sync was switched on (again) has skipped its subscriptions and confirms none of them.
const select = `
  select s.id, s.connector_id as "connectorId", s.provider_account_id as "providerAccountId", s.cmp_id as "cmpSubscriptionId",
    s.cmp_account_id as "cmpAccountId", s.name, ${shownStatus} as status, s.auto_renew as "autoRenew",
    s.creation_date::text as "creationDate", s.renewal_date::text as "renewalDate", s.expiration_date::text as "expirationDate",
    s.billing_model as "billingModel", s.billing_period as "billingPeriod", s.term, s.quantity, s.lines, s.plan_id as "planId",
    s.microsoft_domain as "microsoftDomain", s.microsoft_tenant_id as "microsoftTenantId",
    s.detail_wanted_at as "detailWantedAt", s.detail_confirmed_at as "detailConfirmedAt", s.detail_failure as "detailFailure",
    s.gone_at as "goneAt", s.version,
    case when s.gone_at is not null then coalesce(s.gone_reason, 'no-longer-listed') end as "goneReason",
    greatest(s.read_at, s.detail_confirmed_at, (
      select max(r.started_at) from sync_runs r
      where r.connector_id = s.connector_id and r.tenant_id = s.tenant_id and r.scope = 'subscriptions' and r.depth = 'full'
        and r.target in ('', 'provider-account:' || s.provider_account_id) and r.apply and r.status = 'succeeded' and r.complete
        and coalesce(a.sync_enabled, true) and (a.sync_enabled_at is null or r.started_at >= a.sync_enabled_at))) as "asOf"
  from provider_subscriptions s left join provider_accounts a on a.id = s.provider_account_id and a.tenant_id = s.tenant_id`;

/** Grouped by account; one row more than `limit` if there are more. */
export function listProviderSubscriptions(
  rows: TenantRows,
  filter: ProviderSubscriptionFilter,
  after: readonly unknown[] | undefined,
  limit: number,
): Promise<ProviderSubscriptionRow[]> {
  // This order is the one the index by account can give, so that a page of a million costs no sort.
  const order = 's.connector_id, s.provider_account_id, s.id';
  const where = new Conditions('s.tenant_id = $1')
    .when(filter.connectorId, (id) => `s.connector_id = ${id}`)
    .when(filter.providerAccountId, (id) => `s.provider_account_id = ${id}`)
    .when(filter.status, (status) => `${shownStatus} = ${status}`)
    .after(after, order, ['uuid', 'uuid', 'uuid']);
  whereEnded(where, filter.ended, `s.gone_at is null and ${live}`);
  const more = where.param(limit + 1);
  return rows.select(`${select} where ${where} order by ${order} limit ${more}`, where.values);
}

/** @throws ProviderSubscriptionNotFound */
export async function readProviderSubscription(
  rows: TenantRows,
  id: string,
): Promise<ProviderSubscriptionRow> {
  const [row] = await rows.select<ProviderSubscriptionRow>(`${select} where s.tenant_id = $1 and s.id = $2`, [
    id,
  ]);
  if (!row) throw new ProviderSubscriptionNotFound(id);
  return row;
}

class ProviderSubscriptionNotFound extends DomainError {
  static override readonly code = 'provider-subscription.not-found';
  constructor(readonly providerSubscriptionId: string) {
    super(`There is no provider subscription ${providerSubscriptionId}.`, {
      nextStep: 'List the provider subscriptions and take an id from there.',
    });
  }
}
