import { anywhere, type CursorKey } from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { blockingStatuses, underWayStatuses } from '../../orders/order-lifecycle.ts';
import { given } from '../../tables.ts';
import type { SubscriptionRow } from '../subscription.entity.ts';
import { subscriptions } from '../subscription.store.ts';
import { endedStatuses, SubscriptionNotFound, termEnd } from '../subscription.ts';
import type { ExpectedChange } from './renewals.ts';

/** In the form of account-sync's lists. */
export const endedFilters = ['exclude', 'include', 'only'] as const;

export interface SubscriptionFilter {
  connectorId?: string | undefined;
  providerAccountId?: string | undefined;
  billingContractId?: string | undefined;
  /** Whether on a billing contract. */
  assigned?: 'true' | 'false' | undefined;
  status?: string | undefined;
  /** Only live ones, unless a status is requested. */
  ended?: (typeof endedFilters)[number] | undefined;
  autoRenew?: boolean | undefined;
  /** Days, the first and the last. */
  renewalFrom?: string | undefined;
  renewalTo?: string | undefined;
  /** Days between which the term ends, whether it renews or not. */
  termEndFrom?: string | undefined;
  termEndTo?: string | undefined;
  /** Part of a name, the customer's name, an MPN or CMP's id. */
  q?: string | undefined;
}

export const subscriptionOrders = ['id', 'name', 'renewalDate'] as const;
export type SubscriptionOrder = (typeof subscriptionOrders)[number];

const ended = sql<boolean>`(s.ended_at is not null or s.status = any(${[...endedStatuses]}))`;
const renewalDate = sql<string | null>`s.state ->> 'renewalDate'`;
const plausible = (day: ReturnType<typeof sql>) =>
  sql<string | null>`case when ${day} > '1970' and ${day} < '2100' then ${day} end`;
/** As `termEnd` reads it. */
const termEndDay = sql<
  string | null
>`coalesce(${plausible(renewalDate)}, ${plausible(sql`s.state ->> 'expirationDate'`)})`;
const found = sql<string>`concat_ws(' ', s.name, s.friendly_name, s.cmp_subscription_id,
  (select a.name from provider_accounts a where a.id = s.provider_account_id and a.tenant_id = s.tenant_id),
  (select string_agg(l ->> 'mpn', ' ') from json_array_elements(
    case when json_typeof(s.state -> 'lines') = 'array' then s.state -> 'lines' else '[]' end) l))`;

/** By what a list is sorted; one without a renewal comes last. */
const sortKeys = {
  id: sql<string>`''`,
  name: sql<string>`s.name`,
  renewalDate: sql<string>`coalesce(s.state ->> 'renewalDate', '9999')`,
  termEnd: sql<string>`coalesce(${termEndDay}, '9999')`,
};
type ListOrder = keyof typeof sortKeys;

/** Those of a tenant that the filter finds after a place; one more than `limit` when there are more. */
function matching(
  em: EntityManager,
  tenantId: string,
  filter: SubscriptionFilter,
  sort: ListOrder,
  after: CursorKey | undefined,
  limit: number,
) {
  const { connectorId, providerAccountId, billingContractId, assigned, status } = filter;
  const { ended: over = status === undefined ? 'exclude' : 'include' } = filter;
  const { autoRenew, renewalFrom, renewalTo, termEndFrom, termEndTo, q } = filter;
  const equal = given({ tenantId, connectorId, providerAccountId, billingContractId, status });
  const key = sortKeys[sort];
  const [place, id] = after?.length === 2 ? after : [null, after?.[0] ?? null];
  return subscriptions(em)
    .where((eb) => eb.and(equal))
    .$if(assigned !== undefined, (query) =>
      query.where('s.billingContractId', assigned === 'true' ? 'is not' : 'is', null),
    )
    .$if(over === 'only', (query) => query.where(ended))
    .$if(over === 'exclude', (query) => query.where((eb) => eb.not(ended)))
    .$if(autoRenew !== undefined, (query) =>
      query.where(sql<boolean>`(s.state ->> 'autoRenew')::boolean = ${autoRenew!}`),
    )
    .$if(renewalFrom !== undefined, (query) => query.where(renewalDate, '>=', renewalFrom!))
    .$if(renewalTo !== undefined, (query) => query.where(renewalDate, '<=', renewalTo!))
    .$if(termEndFrom !== undefined, (query) => query.where(termEndDay, '>=', termEndFrom!))
    .$if(termEndTo !== undefined, (query) => query.where(termEndDay, '<=', termEndTo!))
    .$if(q !== undefined, (query) => query.where(sql<boolean>`${found} ilike ${anywhere(q!)}`))
    .$if(after !== undefined && sort === 'id', (query) => query.where('s.id', '>', String(id)))
    .$if(after !== undefined && sort !== 'id', (query) =>
      query.where(sql<boolean>`(${key}, s.id) > (${place}, ${String(id)}::uuid)`),
    )
    .$if(sort !== 'id', (query) => query.orderBy(key))
    .orderBy('s.id')
    .limit(limit + 1);
}

/** With the order that is under way for it, and the next change that is scheduled; null without one. */
const withPlans = {
  openOrderId: sql<string | null>`(select o.id from orders o where o.tenant_id = s.tenant_id
    and o.subscription_id = s.id and o.status = any(${blockingStatuses}) order by o.position limit 1)`,
  scheduledChangeId: sql<string | null>`(select c.id from scheduled_changes c where c.tenant_id = s.tenant_id
    and c.subscription_id = s.id and c.status in ('planned', 'proposed') order by c.due_at nulls last, c.position limit 1)`,
};

export type ListedSubscription = SubscriptionRow & {
  openOrderId: string | null;
  scheduledChangeId: string | null;
};

export const listSubscriptions = (
  em: EntityManager,
  tenantId: string,
  filter: SubscriptionFilter,
  sort: SubscriptionOrder,
  after: CursorKey | undefined,
  limit: number,
): Promise<ListedSubscription[]> =>
  matching(em, tenantId, filter, sort, after, limit)
    .select([withPlans.openOrderId.as('openOrderId'), withPlans.scheduledChangeId.as('scheduledChangeId')])
    .execute();

/** The place of a row in a list that is sorted like this. */
export function placeIn(sort: ListOrder, { id, name, state }: SubscriptionRow): CursorKey {
  if (sort === 'id') return [id];
  if (sort === 'name') return [name, id];
  return [(sort === 'termEnd' ? termEnd(state) : state.renewalDate) ?? '9999', id];
}

/**
 * What will happen to a subscription by itself, the next first: orders that are under way, held by CMP for the renewal, or settled
 * since CMP was read, and scheduled changes. Orders that wait for a person are left out. A cancellation that is scheduled for the
 * renewal is a renewal setting, see `orderFieldsFor`.
 */
const expectedChanges = sql<ExpectedChange[] | null>`(
  select json_agg(json_build_object('scheduledChangeId', e.scheduled_change_id, 'kind', e.kind, 'seats', e.seats,
    'autoRenew', e.auto_renew, 'mpn', e.mpn, 'cmpProductId', e.cmp_product_id, 'dueAt', e.due_at, 'isCertain', e.is_certain)
    order by e.happens, e.position)
  from (
    select o.scheduled_change_id, o.kind, (o.record -> 'spec' ->> 'seats')::int as seats,
      (o.record -> 'spec' ->> 'autoRenew')::boolean as auto_renew, o.record -> 'spec' -> 'product' ->> 'mpn' as mpn,
      o.record -> 'spec' -> 'product' ->> 'cmpProductId' as cmp_product_id, null::timestamptz as due_at, true as is_certain,
      case when o.record -> 'spec' ->> 'when' = 'renewal' then 'infinity' else o.created_at end as happens, o.position
    from orders o
    where o.tenant_id = s.tenant_id and o.subscription_id = s.id and o.kind <> 'create'
      and (o.status = any(${underWayStatuses}) and o.record ->> 'withdrawRequested' = 'false'
        or o.status = 'settled' and (o.record ->> 'finishedAt')::float8 > (s.state ->> 'asOf')::float8)
    union all
    select c.id, case when c.kind = 'cancel' and c.due_at is null then 'renewal-setting' else c.kind end, c.seats,
      case when c.kind <> 'cancel' then c.auto_renew else false end, c.mpn, null, c.due_at, c.status = 'planned',
      coalesce(c.due_at, 'infinity'), c.position
    from scheduled_changes c
    where c.tenant_id = s.tenant_id and c.subscription_id = s.id and c.status in ('planned', 'proposed')
  ) e)`;

export type RenewingSubscription = ListedSubscription & { expected: ExpectedChange[] | null };

/** By the end of their terms. */
export const listRenewals = (
  em: EntityManager,
  tenantId: string,
  filter: SubscriptionFilter,
  after: CursorKey | undefined,
  limit: number,
): Promise<RenewingSubscription[]> =>
  matching(em, tenantId, filter, 'termEnd', after, limit)
    .select([withPlans.openOrderId.as('openOrderId'), withPlans.scheduledChangeId.as('scheduledChangeId')])
    .select(expectedChanges.as('expected'))
    .execute();

/** @throws SubscriptionNotFound */
export async function readListed(
  em: EntityManager,
  tenantId: string,
  id: string,
): Promise<ListedSubscription> {
  const row = await subscriptions(em)
    .select([withPlans.openOrderId.as('openOrderId'), withPlans.scheduledChangeId.as('scheduledChangeId')])
    .where('s.tenantId', '=', tenantId)
    .where('s.id', '=', id)
    .executeTakeFirst();
  if (!row) throw new SubscriptionNotFound(id);
  return row;
}

/** The ids alone. */
export async function subscriptionIds(
  em: EntityManager,
  tenantId: string,
  filter: SubscriptionFilter,
  after: CursorKey | undefined,
  limit: number,
): Promise<string[]> {
  const rows = await matching(em, tenantId, filter, 'id', after, limit)
    .clearSelect()
    .select('s.id')
    .execute();
  return rows.map(({ id }) => id);
}

/** Live subscriptions of these contracts. */
export const subscriptionsOfContracts = (
  em: EntityManager,
  tenantId: string,
  contracts: readonly string[],
): Promise<SubscriptionRow[]> =>
  subscriptions(em)
    .where('s.tenantId', '=', tenantId)
    .where('s.billingContractId', 'in', [...contracts])
    .where((eb) => eb.not(ended))
    .execute();

const eightDays = 8 * 86_400_000;

/** Active subscriptions with seats that were added so recently that they may still be returned. */
export const subscriptionsWithRecentLots = (
  em: EntityManager,
  tenantId: string,
  connectorId: string | undefined,
  now: number,
): Promise<SubscriptionRow[]> =>
  subscriptions(em)
    .where((eb) => eb.and(given({ 's.tenantId': tenantId, 's.connectorId': connectorId })))
    .where('s.status', '=', 'active')
    .where(
      sql<boolean>`exists (select from json_array_elements(
        case when json_typeof(s.state -> 'lots') = 'array' then s.state -> 'lots' else '[]' end) l
        where (l ->> 'addedAt')::float8 > ${now - eightDays})`,
    )
    .execute();
