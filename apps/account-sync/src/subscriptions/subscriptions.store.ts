import { DomainError } from '@isthmus/domain';
import type { CursorKey } from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { afterPlace, type EndedFilter, whereEnded } from '../list-query.ts';
import { statements } from '../database.ts';
import { liveSubscriptionSql } from './subscription.mirror.ts';

/** Row for the public API. */
export type ProviderSubscriptionRow = Awaited<ReturnType<typeof readProviderSubscription>>;

export interface ProviderSubscriptionFilter {
  connectorId?: string;
  providerAccountId?: string;
  status?: string;
  ended: EndedFilter;
  unread?: boolean;
}

const live = sql.raw(liveSubscriptionSql.replace('m.', 's.'));

/** CMP's value; or the reason, if it was not terminated by CMP. */
const shownStatus = sql<string>`case when s.gone_at is not null and ${live} then coalesce(s.gone_reason, 'no-longer-listed') else s.status end`;

// A run from before the account's sync was switched on (again) has skipped its subscriptions and confirms none of them.
const asOf = sql<string>`greatest(s.read_at, s.detail_confirmed_at, (
  select max(r.started_at) from sync_runs r
  where r.connector_id = s.connector_id and r.tenant_id = s.tenant_id and r.scope = 'subscriptions' and r.depth = 'full'
    and r.target in ('', 'provider-account:' || s.provider_account_id) and r.apply and r.status = 'succeeded' and r.complete
    and coalesce(a.sync_enabled, true) and (a.sync_enabled_at is null or r.started_at >= a.sync_enabled_at)))`;

/** Seats as charged by the newest rated data. A JSON object, because it is read only for what has no lines yet. */
export interface ChargedSeats {
  quantity: number;
  asOf: string;
}

/** Charge types of whole periods, as `normalizeWord` returns them: a charge for added or refunded seats is not for all of them. */
const wholePeriods = `'recurring', 'recurringfee', 'recurringcharge', 'renew', 'renewal', 'subscription'`;

// The same charge may be in several documents, so only the newest one of the newest period counts.
const chargedSeats = sql<ChargedSeats | null>`case when s.lines is null and s.gone_at is null and ${live} then (
  select json_build_object('quantity', sum(l.quantity), 'asOf', coalesce(l.charge_start::timestamp at time zone 'utc', d.generated_at))
  from rated_lines l join rated_documents d on d.id = l.document_id and d.tenant_id = l.tenant_id
  where l.tenant_id = s.tenant_id and l.connector_id = s.connector_id and l.cmp_subscription_id = s.cmp_id
    and l.kind = 'licence' and l.quantity > 0
    and regexp_replace(lower(l.charge_type), '[^[:alnum:]]+', '', 'g') in (${sql.raw(wholePeriods)})
  group by l.charge_start, d.generated_at, d.id
  having sum(l.quantity) = trunc(sum(l.quantity)) and sum(l.quantity) <= 2147483647
  order by l.charge_start desc nulls last, d.generated_at desc, d.id limit 1) end`;

const selectSubscriptions = (em: EntityManager, tenantId: string) =>
  statements(em)
    .selectFrom('ProviderSubscription as s')
    .leftJoin('ProviderAccount as a', (join) =>
      join.onRef('a.id', '=', 's.providerAccountId').onRef('a.tenantId', '=', 's.tenantId'),
    )
    .select([
      's.id',
      's.connectorId',
      's.providerAccountId',
      's.cmpId as cmpSubscriptionId',
      's.cmpAccountId',
      's.name',
      shownStatus.as('status'),
      's.autoRenew',
      's.creationDate',
      's.renewalDate',
      's.expirationDate',
      's.billingModel',
      's.billingPeriod',
      's.term',
      's.quantity',
      chargedSeats.as('chargedSeats'),
      's.lines',
      's.planId',
      's.microsoftDomain',
      's.microsoftTenantId',
      's.detailWantedAt',
      's.detailConfirmedAt',
      's.detailFailure',
      's.goneAt',
      sql<
        string | null
      >`case when s.gone_at is not null then coalesce(s.gone_reason, 'no-longer-listed') end`.as(
        'goneReason',
      ),
      asOf.as('asOf'),
      's.version',
    ])
    .where('s.tenantId', '=', tenantId);

/** Grouped by account; returns `limit + 1` rows if there are more pages. */
export const listProviderSubscriptions = (
  em: EntityManager,
  tenantId: string,
  filter: ProviderSubscriptionFilter,
  after: CursorKey | undefined,
  limit: number,
) =>
  selectSubscriptions(em, tenantId)
    .$if(filter.connectorId !== undefined, (query) => query.where('s.connectorId', '=', filter.connectorId!))
    .$if(filter.providerAccountId !== undefined, (query) =>
      query.where('s.providerAccountId', '=', filter.providerAccountId!),
    )
    .$if(filter.status !== undefined, (query) => query.where(shownStatus, '=', filter.status!))
    .$if(filter.unread !== undefined, (query) =>
      query.where('s.lines', filter.unread ? 'is' : 'is not', null),
    )
    .where(whereEnded(filter.ended, sql<boolean>`(s.gone_at is null and ${live})`))
    // The index by account provides this order, so that a page from a million rows needs no sort.
    .where(
      afterPlace(after, [
        ['s.connector_id', 'uuid'],
        ['s.provider_account_id', 'uuid'],
        ['s.id', 'uuid'],
      ]),
    )
    .orderBy('s.connectorId')
    .orderBy('s.providerAccountId')
    .orderBy('s.id')
    .limit(limit + 1)
    .execute();

/** @throws ProviderSubscriptionNotFound */
export async function readProviderSubscription(em: EntityManager, tenantId: string, id: string) {
  const row = await selectSubscriptions(em, tenantId).where('s.id', '=', id).executeTakeFirst();
  if (!row) throw new ProviderSubscriptionNotFound(id);
  return row;
}

export class ProviderSubscriptionNotFound extends DomainError {
  static override readonly code = 'provider-subscription.not-found';
  constructor(readonly providerSubscriptionId: string) {
    super(`There is no provider subscription ${providerSubscriptionId}.`, {
      nextStep: 'Use an id from GET /v1/provider-subscriptions.',
    });
  }
}
