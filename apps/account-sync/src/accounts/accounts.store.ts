import { DomainError } from '@isthmus/domain';
import {
  anywhere,
  Conditions,
  currentCorrelationId,
  type CursorKey,
  type TenantRows,
} from '@isthmus/service-kit';
import { defineEntity, p } from '@mikro-orm/core';
import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import { type EndedFilter, whereEnded } from '../list-query.ts';
import { liveSubscriptionSql } from '../subscriptions/subscription.mirror.ts';

export interface AccountAddress {
  streetAddress?: string;
  addressExtension?: string;
  postalCode?: string;
  city?: string;
  state?: string;
  countryCode?: string;
}

const schema = defineEntity({
  name: 'ProviderAccount',
  tableName: 'provider_accounts',
  indexes: [
    { name: 'provider_accounts_by_connector', properties: ['tenantId', 'connectorId', 'name', 'id'] },
    { name: 'provider_accounts_by_name', properties: ['tenantId', 'name', 'id'] },
    {
      name: 'provider_accounts_by_tenant_account',
      expression: `create index provider_accounts_by_tenant_account on provider_accounts (tenant_id, tenant_account_id)
          where tenant_account_id is not null`,
    },
  ],
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    cmpId: p.text(),
    name: p.text(),
    externalId: p.text().nullable(),
    /** CMP's value: pending, active, creditHold, adminHold, cancelled, error. */
    status: p.text(),
    email: p.text().nullable(),
    contactName: p.text().nullable(),
    taxRegId: p.text().nullable(),
    address: p.json<AccountAddress>().columnType('json').nullable(),
    /** The `*.onmicrosoft.com` of the account; locally owned once edited by hand. */
    customDomain: p.text().nullable(),
    customDomainSource: p.enum(['cmp', 'manual'] as const).nullable(),
    syncEnabled: p.boolean().default(true),
    /** When it was last switched on again: earlier runs did not read its subscriptions. */
    syncEnabledAt: p.datetime().nullable(),
    tenantAccountId: p.text().nullable(),
    linkedAt: p.datetime().nullable(),
    linkedBy: p.text().nullable(),
    hash: p.uuid(),
    readAt: p.datetime(),
    goneAt: p.datetime().nullable(),
    /** Why it is gone although CMP never reported its end: `connector-removed`; otherwise CMP no longer lists it. */
    goneReason: p.text().nullable(),
    version: p.integer().version(),
  },
});

/** CMP's customer record as last read, with what is ours: custom domain, link, sync switch. */
export class ProviderAccount extends schema.class {}

schema.setClass(ProviderAccount);

export class ProviderAccountNotFound extends DomainError {
  static override readonly code = 'provider-account.not-found';
  constructor(readonly providerAccountId: string) {
    super(`There is no provider account ${providerAccountId}.`, {
      nextStep: 'List the provider accounts and take an id from there.',
    });
  }
}

/** For an event about the account as it was just flushed: it carries the new version. */
export const accountEventFacts = ({ id: aggregateId, tenantId, version }: ProviderAccount) => ({
  tenantId,
  aggregateId,
  version,
  correlationId: currentCorrelationId(),
});

/** As people see it. */
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
  /** Domains its subscriptions show. */
  customDomainCandidates: string[];
  /** Of those, the ones that live subscriptions show in addition to the one in use; empty once a person has chosen. */
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

interface ProviderAccountFilter {
  q?: string;
  connectorId?: string;
  tenantAccountId?: string;
  linked?: boolean;
  ended: EndedFilter;
}

/** Over the alias `a` of an account. */
const domainConflictsSql = `array(
      select distinct m.microsoft_domain from provider_subscriptions m
      where m.tenant_id = a.tenant_id and m.connector_id = a.connector_id and m.provider_account_id = a.id and m.gone_at is null
        and ${liveSubscriptionSql} and a.custom_domain_source = 'cmp' and m.microsoft_domain <> a.custom_domain order by 1)`;

const unreadSubscriptionsSql = `(
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

/** By name; one row more than `limit` if there are more. */
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
  whereEnded(where, filter.ended, `a.gone_at is null and a.status <> 'cancelled'`);
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

/** In the form that other services see. */
export interface AccountOfConnectorRow {
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
  /** Whether a subscription shows the custom domain; only known when a single account is read. */
  customDomainSeen?: boolean;
  customDomainConflicts: string[];
  unreadSubscriptions: number;
  asOf: Date;
  goneAt: Date | null;
  version: number;
}

/** With `$2` as the connector, PostgreSQL looks the last complete run up once and not for every row. */
const columns = (
  connector: '$2' | 'a.connector_id',
) => `a.gone_at as "goneAt", a.version, a.id, a.connector_id as "connectorId", a.cmp_id as "cmpAccountId", a.name, a.external_id as "externalId",
  a.status, a.email, a.contact_name as "contactName", a.tax_reg_id as "taxRegId", a.address, a.custom_domain as "customDomain",
  ${domainConflictsSql} as "customDomainConflicts", ${unreadSubscriptionsSql} as "unreadSubscriptions",
  greatest(a.read_at, (
    select max(r.started_at) from sync_runs r
    where r.tenant_id = $1 and r.connector_id = ${connector} and r.scope = 'accounts' and r.depth = 'full' and r.target = '' and r.apply
      and r.status = 'succeeded' and r.complete)) as "asOf"`;

/** Those that CMP still lists, by id; one more than `limit` if there are more. */
export function listAccountsOfConnector(
  rows: TenantRows,
  connectorId: string,
  after: CursorKey | undefined,
  limit: number,
): Promise<AccountOfConnectorRow[]> {
  const where = new Conditions('a.tenant_id = $1')
    .when(connectorId, (p) => `a.connector_id = ${p}`)
    .and('a.gone_at is null')
    .after(after, 'a.id', ['uuid']);
  const end = where.param(limit + 1);
  return rows.select(
    `select ${columns('$2')} from provider_accounts a where ${where} order by a.id limit ${end}`,
    where.values,
  );
}

/** Includes one that has ended; undefined if the tenant, or the connector, has none of this id. */
export async function readAccountOfConnector(
  rows: TenantRows,
  connectorId: string | undefined,
  id: string,
): Promise<AccountOfConnectorRow | undefined> {
  const found = await rows.select<AccountOfConnectorRow>(
    `select ${columns('a.connector_id')}, exists (
       select from provider_subscriptions s where s.tenant_id = $1 and s.connector_id = a.connector_id and s.provider_account_id = a.id
         and s.microsoft_domain = lower(a.custom_domain)) as "customDomainSeen"
     from provider_accounts a where a.tenant_id = $1 and a.connector_id = coalesce($2::uuid, a.connector_id) and a.id = $3`,
    [connectorId ?? null, id],
  );
  return found[0];
}
