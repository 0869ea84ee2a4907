import type { CursorKey } from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { given, statements } from '../../tables.ts';

export interface ProviderOrderFilter {
  connectorId?: string | undefined;
  cmpSubscriptionId?: string | undefined;
  /** `here`: placed through this platform. `elsewhere`: in CMP's control panel, or by another program. */
  placed?: 'here' | 'elsewhere' | undefined;
  type?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

export type ListedProviderOrder = Awaited<ReturnType<typeof listProviderOrders>>[number];

/** An order whose time CMP does not state comes last. */
const place = sql<Date>`coalesce(p.created_at, '0001-01-01Z'::timestamptz)`;

/** CMP's orders, newest first, each with ours that it belongs to; returns `limit + 1` rows if there are more pages. */
export function listProviderOrders(
  em: EntityManager,
  tenantId: string,
  filter: ProviderOrderFilter,
  after: CursorKey | undefined,
  limit: number,
) {
  const { connectorId, cmpSubscriptionId, placed, type, from, to } = filter;
  return statements(em)
    .selectFrom('ProviderOrder as p')
    .leftJoin('Order as o', (join) =>
      join
        .onRef('o.tenantId', '=', 'p.tenantId')
        .onRef('o.connectorId', '=', 'p.connectorId')
        .onRef('o.cmpOrderId', '=', 'p.cmpOrderId'),
    )
    .select([
      'p.connectorId',
      'p.cmpOrderId',
      'p.orderNumber',
      'p.type',
      'p.status',
      'p.createdAt',
      'p.doneAt',
      'p.scheduledOn',
      'p.upgrade',
      'p.cmpSubscriptionIds',
      'p.lines',
      'o.id as orderId',
      sql<string>`to_char(${place} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`.as('place'),
      sql<{ subscriptionId: string; name: string; accountName: string | null }[]>`(
        select coalesce(json_agg(json_build_object('subscriptionId', s.id, 'name', coalesce(s.friendly_name, s.name),
          'accountName', a.name) order by s.id), '[]')
        from subscriptions s left join provider_accounts a on a.id = s.provider_account_id and a.tenant_id = s.tenant_id
        where s.tenant_id = p.tenant_id and s.connector_id = p.connector_id
          and s.cmp_subscription_id = any(p.cmp_subscription_ids))`.as('subscriptions'),
    ])
    .where((eb) => eb.and(given({ 'p.tenantId': tenantId, 'p.connectorId': connectorId, 'p.type': type })))
    .$if(cmpSubscriptionId !== undefined, (query) =>
      query.where((eb) =>
        eb.exists(
          eb
            .selectFrom('ProviderOrderSubscription as x')
            .select('x.cmpOrderId')
            .whereRef('x.tenantId', '=', 'p.tenantId')
            .whereRef('x.connectorId', '=', 'p.connectorId')
            .whereRef('x.cmpOrderId', '=', 'p.cmpOrderId')
            .where('x.cmpSubscriptionId', '=', cmpSubscriptionId!),
        ),
      ),
    )
    .$if(placed !== undefined, (query) => query.where('o.id', placed === 'here' ? 'is not' : 'is', null))
    .$if(from !== undefined, (query) => query.where('p.createdAt', '>=', new Date(from!)))
    .$if(to !== undefined, (query) => query.where('p.createdAt', '<', new Date(to!)))
    .$if(after !== undefined, (query) =>
      query.where(
        sql<boolean>`(${place}, p.connector_id, p.cmp_order_id)
          < (${String(after![0])}::timestamptz, ${String(after![1])}::uuid, ${String(after![2])})`,
      ),
    )
    .orderBy(place, 'desc')
    .orderBy('p.connectorId', 'desc')
    .orderBy('p.cmpOrderId', 'desc')
    .limit(limit + 1)
    .execute();
}
