import { LockMode } from '@mikro-orm/postgresql';
import { anywhere, Conditions, type TenantRows } from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import { type AccountAddress, ProviderAccount } from '../../domain/provider-account.entity.ts';
import { liveSubscriptionSql } from '../../mirrors/subscription.mirror.ts';
import { type EndedFilter, endedWhere } from './ended-filter.ts';

export interface ProviderAccountRow {
  id: string;
  connectorId: string;
  cmpAccountId: string;
  name: string;
  externalId: string | null;
  status: string;
  email: string | null;
  contactName: string | null;
  taxRegId: string | null;
  address: AccountAddress | null;
  customDomain: string | null;
  customDomainSource: 'cmp' | 'manual' | null;
  /** Domains seen on its subscriptions. */
  customDomainCandidates: string[];
  /** Of those, the ones live subscriptions show beside the one in use; none once a person has chosen. */
  customDomainConflicts: string[];
  /** Live subscriptions whose seats are not known yet. */
  unreadSubscriptions: number;
  syncEnabled: boolean;
  tenantAccountId: string | null;
  tenantAccountName: string | null;
  linkedAt: Date | null;
  linkedBy: string | null;
  goneAt: Date | null;
  goneReason: string | null;
  /** A row is written when it changes; an unchanged one is as fresh as the last complete listing that had it. */
  asOf: Date;
  version: number;
}

export interface ProviderAccountFilter {
  q?: string;
  connectorId?: string;
  tenantAccountId?: string;
  linked?: boolean;
  ended: EndedFilter;
}

/** Over the alias `a` of an account. */
export const domainConflictsSql = `array(
      select distinct m.microsoft_domain from provider_subscriptions m
      where m.tenant_id = a.tenant_id and m.connector_id = a.connector_id and m.provider_account_id = a.id and m.gone_at is null
        and ${liveSubscriptionSql} and a.custom_domain_source = 'cmp' and m.microsoft_domain <> a.custom_domain order by 1)`;

export const unreadSubscriptionsSql = `(
      select count(*)::int from provider_subscriptions m
      where m.tenant_id = a.tenant_id and m.connector_id = a.connector_id and m.provider_account_id = a.id and m.gone_at is null
        and m.lines is null and ${liveSubscriptionSql})`;

const select = `
  select a.id, a.connector_id as "connectorId", a.cmp_id as "cmpAccountId", a.name, a.external_id as "externalId", a.status,
    a.email, a.contact_name as "contactName", a.tax_reg_id as "taxRegId", a.address, a.custom_domain as "customDomain",
    a.custom_domain_source as "customDomainSource", a.sync_enabled as "syncEnabled",
    a.tenant_account_id as "tenantAccountId", t.name as "tenantAccountName", a.linked_at as "linkedAt",
    a.linked_by as "linkedBy", a.gone_at as "goneAt", a.version,
    case when a.gone_at is not null then coalesce(a.gone_reason, 'no-longer-listed') end as "goneReason",
    array(
      select distinct s.microsoft_domain from provider_subscriptions s
      where s.tenant_id = a.tenant_id and s.connector_id = a.connector_id and s.provider_account_id = a.id
        and s.gone_at is null and s.microsoft_domain is not null order by 1) as "customDomainCandidates",
    ${domainConflictsSql} as "customDomainConflicts", ${unreadSubscriptionsSql} as "unreadSubscriptions",
    greatest(a.read_at, (
      select max(r.started_at) from sync_runs r
      where r.connector_id = a.connector_id and r.tenant_id = a.tenant_id and r.scope = 'accounts' and r.depth = 'full'
        and r.target = '' and r.apply and r.status = 'succeeded' and r.complete)) as "asOf"
  from provider_accounts a left join tenant_accounts t on t.tenant_id = a.tenant_id and t.id = a.tenant_account_id`;

/** By name; one row more than `limit` when there are more. */
export function listProviderAccounts(
  rows: TenantRows,
  filter: ProviderAccountFilter,
  after: readonly unknown[] | undefined,
  limit: number,
): Promise<ProviderAccountRow[]> {
  const where = new Conditions('a.tenant_id = $1')
    .when(filter.connectorId, (id) => `a.connector_id = ${id}`)
    .when(filter.tenantAccountId, (id) => `a.tenant_account_id = ${id}`)
    .when(
      filter.q && anywhere(filter.q),
      (q) => `concat_ws(' ', a.name, a.custom_domain, a.external_id, a.cmp_id) ilike ${q}`,
    )
    .after(after, 'a.name, a.id', ['text', 'uuid']);
  if (filter.linked !== undefined) where.and(`a.tenant_account_id is ${filter.linked ? 'not ' : ''}null`);
  endedWhere(where, filter.ended, `a.gone_at is null and a.status <> 'cancelled'`);
  const more = where.param(limit + 1);
  return rows.select(`${select} where ${where} order by a.name, a.id limit ${more}`, where.values);
}

/** @throws ProviderAccountNotFound */
export async function readProviderAccount(rows: TenantRows, id: string): Promise<ProviderAccountRow> {
  const [row] = await rows.select<ProviderAccountRow>(`${select} where a.tenant_id = $1 and a.id = $2`, [id]);
  if (!row) throw new ProviderAccountNotFound(id);
  return row;
}

/** @throws ProviderAccountNotFound */
export async function lockProviderAccount(em: EntityManager, id: string): Promise<ProviderAccount> {
  const account = await em.findOne(ProviderAccount, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!account) throw new ProviderAccountNotFound(id);
  return account;
}

export class ProviderAccountNotFound extends Error {
  override readonly name = 'ProviderAccountNotFound';
  readonly code = 'provider-account.not-found';
  readonly nextStep = 'List the provider accounts and take an id from there.';
  constructor(readonly providerAccountId: string) {
    super(`There is no provider account ${providerAccountId}.`);
  }
}

/** Over the alias `m`: what a customer's live subscriptions show counts; that of ended ones only while no live one shows any. */
export const shownDomainsSql = `coalesce(
  array_agg(distinct m.microsoft_domain) filter (where ${liveSubscriptionSql} and m.microsoft_domain is not null),
  array_agg(distinct m.microsoft_domain) filter (where m.microsoft_domain is not null))`;
