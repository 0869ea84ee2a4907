import { DomainError } from '@isthmus/domain';
import { anywhere, currentCorrelationId, type CursorKey } from '@isthmus/service-kit';
import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import { type RawBuilder, sql } from 'kysely';
import { afterPlace, type EndedFilter, whereEnded } from '../list-query.ts';
import { liveSubscriptionSql } from '../subscriptions/subscription.mirror.ts';
import { statements } from '../database.ts';
import { ProviderAccount } from './account.entity.ts';

export class ProviderAccountNotFound extends DomainError {
  static override readonly code = 'provider-account.not-found';
  constructor(readonly providerAccountId: string) {
    super(`There is no provider account ${providerAccountId}.`, {
      nextStep: 'Use an id from GET /v1/provider-accounts.',
    });
  }
}

/** Event metadata for an account that has just been flushed (uses its new version). */
export const accountEventMetadata = ({ id: aggregateId, tenantId, version }: ProviderAccount) => ({
  tenantId,
  aggregateId,
  version,
  correlationId: currentCorrelationId(),
});

/** Row for the public API. */
export type ProviderAccountRow = Awaited<ReturnType<typeof readProviderAccount>>;

interface ProviderAccountFilter {
  q?: string;
  connectorId?: string;
  tenantAccountId?: string;
  linked?: boolean;
  hasContract?: boolean;
  syncEnabled?: boolean;
  domain?: DomainState;
  ended: EndedFilter;
}

/** What a person may have to do about a custom domain. */
export const domainStates = ['missing', 'conflict'] as const;
export type DomainState = (typeof domainStates)[number];

/** Subscriptions still listed by CMP, for the account aliased `a`. */
const itsSubscriptions = sql.raw(`provider_subscriptions m
  where m.tenant_id = a.tenant_id and m.connector_id = a.connector_id and m.provider_account_id = a.id and m.gone_at is null`);
const live = sql.raw(liveSubscriptionSql);

/** Other domains found on live subscriptions besides the current one; empty once a user has set it manually. */
const domainConflicts = sql<string[]>`array(
  select distinct m.microsoft_domain from ${itsSubscriptions}
    and ${live} and a.custom_domain_source = 'cmp' and m.microsoft_domain <> a.custom_domain order by 1)`;

/** Domains its subscriptions show. */
const domainCandidates = sql<string[]>`array(
  select distinct m.microsoft_domain from ${itsSubscriptions} and m.microsoft_domain is not null order by 1)`;

const liveSubscriptions = sql<number>`(select count(*)::int from ${itsSubscriptions} and ${live})`;

/** Of the live ones, as far as they are known. */
const seats = sql<number>`(select coalesce(sum(m.quantity), 0)::float8 from ${itsSubscriptions} and ${live})`;

/** Contracts of its tenant account that have not ended. */
const billingContracts = sql<number>`(select count(*)::int from billing_contracts b
  where b.tenant_id = a.tenant_id and b.tenant_account_id = a.tenant_account_id
    and (b.end_date is null or b.end_date >= current_date))`;

const listed = sql<boolean>`(a.gone_at is null and a.status <> 'cancelled')`;
const ofDomain: Record<DomainState, RawBuilder<boolean>> = {
  missing: sql<boolean>`a.custom_domain is null`,
  conflict: sql<boolean>`cardinality(${domainConflicts}) > 0`,
};

/** Live subscriptions whose seats are not known yet. */
const unreadSubscriptions = sql<number>`(select count(*)::int from ${itsSubscriptions} and m.lines is null and ${live})`;

/**
 * Rows are written only when they change, so an unchanged row is as fresh as the last complete listing that contained it. If the
 * connector is passed as a parameter, PostgreSQL evaluates that subquery once instead of per row.
 */
const asOf = (connectorId: RawBuilder<unknown>) => sql<string>`greatest(a.read_at, (
  select max(r.started_at) from sync_runs r
  where r.connector_id = ${connectorId} and r.tenant_id = a.tenant_id and r.scope = 'accounts' and r.depth = 'full'
    and r.target = '' and r.apply and r.status = 'succeeded' and r.complete))`;
const itsConnector = sql`a.connector_id`;

/** Columns of an account's own row exposed to users and other services. */
const ownColumns = [
  'a.id',
  'a.connectorId',
  'a.cmpId as cmpAccountId',
  'a.name',
  'a.externalId',
  'a.status',
  'a.email',
  'a.contactName',
  'a.taxRegId',
  'a.address',
  'a.customDomain',
  'a.goneAt',
  'a.version',
] as const;

const selectAccounts = (em: EntityManager, tenantId: string) =>
  statements(em)
    .selectFrom('ProviderAccount as a')
    .leftJoin('TenantAccount as t', (join) =>
      join.onRef('t.tenantId', '=', 'a.tenantId').onRef('t.id', '=', 'a.tenantAccountId'),
    )
    .select([
      ...ownColumns,
      'a.customDomainSource',
      domainCandidates.as('customDomainCandidates'),
      domainConflicts.as('customDomainConflicts'),
      unreadSubscriptions.as('unreadSubscriptions'),
      liveSubscriptions.as('liveSubscriptions'),
      seats.as('seats'),
      billingContracts.as('billingContracts'),
      'a.syncEnabled',
      'a.tenantAccountId',
      't.name as tenantAccountName',
      'a.linkedAt',
      'a.linkedBy',
      sql<
        string | null
      >`case when a.gone_at is not null then coalesce(a.gone_reason, 'no-longer-listed') end`.as(
        'goneReason',
      ),
      asOf(itsConnector).as('asOf'),
    ])
    .where('a.tenantId', '=', tenantId);

/** Ordered by name; returns `limit + 1` rows if there are more pages. */
export const listProviderAccounts = (
  em: EntityManager,
  tenantId: string,
  { q, connectorId, tenantAccountId, linked, hasContract, syncEnabled, domain, ended }: ProviderAccountFilter,
  after: CursorKey | undefined,
  limit: number,
) =>
  selectAccounts(em, tenantId)
    .$if(connectorId !== undefined, (query) => query.where('a.connectorId', '=', connectorId!))
    .$if(tenantAccountId !== undefined, (query) => query.where('a.tenantAccountId', '=', tenantAccountId!))
    .$if(q !== undefined, (query) =>
      query.where(
        sql<boolean>`concat_ws(' ', a.name, a.custom_domain, a.external_id, a.cmp_id) ilike ${anywhere(q!)}`,
      ),
    )
    .$if(linked !== undefined, (query) => query.where('a.tenantAccountId', linked ? 'is not' : 'is', null))
    .$if(hasContract !== undefined, (query) =>
      query.where(sql<boolean>`(${billingContracts} > 0) = ${hasContract!}`),
    )
    .$if(syncEnabled !== undefined, (query) => query.where('a.syncEnabled', '=', syncEnabled!))
    .$if(domain !== undefined, (query) => query.where(ofDomain[domain!]))
    .where(whereEnded(ended, listed))
    .where(
      afterPlace(after, [
        ['a.name', 'text'],
        ['a.id', 'uuid'],
      ]),
    )
    .orderBy('a.name')
    .orderBy('a.id')
    .limit(limit + 1)
    .execute();

/** How many of the accounts that CMP lists wait for a person, and for what. */
export const countProviderAccounts = (em: EntityManager, tenantId: string, connectorId: string | undefined) =>
  statements(em)
    .selectFrom('ProviderAccount as a')
    .select([
      sql<number>`count(*)::int`.as('all'),
      sql<number>`count(*) filter (where a.tenant_account_id is null)::int`.as('unlinked'),
      sql<number>`count(*) filter (where a.tenant_account_id is not null and ${billingContracts} = 0)::int`.as(
        'withoutContract',
      ),
      sql<number>`count(*) filter (where ${ofDomain.missing})::int`.as('domainMissing'),
      sql<number>`count(*) filter (where ${ofDomain.conflict})::int`.as('domainConflict'),
      sql<number>`count(*) filter (where not a.sync_enabled)::int`.as('syncDisabled'),
    ])
    .where('a.tenantId', '=', tenantId)
    .$if(connectorId !== undefined, (query) => query.where('a.connectorId', '=', connectorId!))
    .where(listed)
    .executeTakeFirstOrThrow();

/** The accounts that CMP lists and that are not linked, as links are suggested for them. */
export const accountsToLink = (em: EntityManager, tenantId: string, connectorId: string | undefined) =>
  statements(em)
    .selectFrom('ProviderAccount as a')
    .select(['a.id', 'a.name', 'a.externalId', 'a.email', 'a.taxRegId', 'a.customDomain'])
    .select(domainCandidates.as('customDomainCandidates'))
    .where('a.tenantId', '=', tenantId)
    .where('a.tenantAccountId', 'is', null)
    .$if(connectorId !== undefined, (query) => query.where('a.connectorId', '=', connectorId!))
    .where(listed)
    .orderBy('a.name')
    .orderBy('a.id')
    .execute();

/** @throws ProviderAccountNotFound */
export async function readProviderAccount(em: EntityManager, tenantId: string, id: string) {
  const row = await selectAccounts(em, tenantId).where('a.id', '=', id).executeTakeFirst();
  if (!row) throw new ProviderAccountNotFound(id);
  return row;
}

/** @throws ProviderAccountNotFound */
export async function lockProviderAccount(em: EntityManager, id: string): Promise<ProviderAccount> {
  const account = await em.findOne(ProviderAccount, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!account) throw new ProviderAccountNotFound(id);
  return account;
}

/** Row for other services. */
export type AccountOfConnectorRow = Awaited<ReturnType<typeof listAccountsOfConnector>>[number] & {
  /** True if a subscription shows the custom domain; set only when a single account is read. */
  customDomainSeen?: boolean;
};

const selectForServices = (em: EntityManager, tenantId: string, connectorId: RawBuilder<unknown>) =>
  statements(em)
    .selectFrom('ProviderAccount as a')
    .select([
      ...ownColumns,
      domainConflicts.as('customDomainConflicts'),
      unreadSubscriptions.as('unreadSubscriptions'),
      asOf(connectorId).as('asOf'),
    ])
    .where('a.tenantId', '=', tenantId);

/** Accounts that CMP still lists, ordered by id; returns `limit + 1` rows if there are more pages. */
export const listAccountsOfConnector = (
  em: EntityManager,
  tenantId: string,
  connectorId: string,
  after: CursorKey | undefined,
  limit: number,
) =>
  selectForServices(em, tenantId, sql`${connectorId}::uuid`)
    .where('a.connectorId', '=', connectorId)
    .where('a.goneAt', 'is', null)
    .where(afterPlace(after, [['a.id', 'uuid']]))
    .orderBy('a.id')
    .limit(limit + 1)
    .execute();

/** Also finds ended accounts; undefined if the tenant or connector has no account with this id. */
export const readAccountOfConnector = (
  em: EntityManager,
  tenantId: string,
  connectorId: string | undefined,
  id: string,
) =>
  selectForServices(em, tenantId, itsConnector)
    .select(
      sql<boolean>`exists (
        select from provider_subscriptions s where s.tenant_id = a.tenant_id and s.connector_id = a.connector_id
          and s.provider_account_id = a.id and s.microsoft_domain = lower(a.custom_domain))`.as(
        'customDomainSeen',
      ),
    )
    .$if(connectorId !== undefined, (query) => query.where('a.connectorId', '=', connectorId!))
    .where('a.id', '=', id)
    .executeTakeFirst();
