import type { OrderGuardV1 } from '@isthmus/contracts';
import type { Message } from '@isthmus/messaging';
import { type TenantRows } from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import { statements } from '../../tables.ts';
import { type CreateSpec, purchasesOfPart } from '../order.ts';
import type { GuardFacts } from './order-guard.ts';

/** The contribution of an order `o` to the limits of later ones, see `RecentOrder`. */
export const recentOrder = `json_build_object(
  'product', o.record -> 'spec' -> 'product', 'seats', o.record -> 'spec' -> 'seats',
  'seatsBefore', case when o.kind = 'create' then to_json(0) else o.record -> 'seatsBefore' end,
  'agreed', case when o.record -> 'approval' is not null then 'approved' when o.quote_id is not null then 'quoted' end)`;

/**
 * Purchases of the last day: counted under a lock, in the transaction that adds the next one, because otherwise a hundred
 * concurrent transactions would all read the same count. Changes of seats need no lock: each specifies a total, and the next one
 * is compared with the settled state. Orders that were refused, withdrawn or not approved yet do not count. In
 * the order of their requests: an approval moves its order to the end of the queue, but is not about what was bought meanwhile.
 */
export const purchasesSql = (tenant: string, connector: string, part: string): string => `
  select count(*) filter (where o.created_at > now() - interval '1 hour')::int as purchases,
    coalesce(json_agg(${recentOrder} order by o.created_at, o.position) filter (where starts_with(o.queue, ${part})), '[]') as recent
  from orders o
  where o.tenant_id = ${tenant} and o.connector_id = ${connector} and o.kind = 'create'
    and o.status not in ('refused', 'withdrawn', 'awaiting-approval') and o.created_at > now() - interval '1 day'`;

const purchases = purchasesSql('$1', '$2', '$3');

export type PurchaseFacts = Pick<GuardFacts, 'purchases' | 'recent'>;

/** Counts new subscriptions of the connector, and those of the same part for the same account, under whatever terms. */
export async function recentPurchases(
  rows: TenantRows,
  connectorId: string,
  spec: CreateSpec,
): Promise<PurchaseFacts> {
  const values = [connectorId, purchasesOfPart(spec)];
  const [found] = await rows.select<PurchaseFacts & Record<string, unknown>>(
    purchases,
    values,
    'guard-purchases',
  );
  return found!;
}

/** The lock of a transaction that purchases: purchases of a connector are evaluated one after the other. */
export const purchasesLock = (connectorId: string): string => `purchases ${connectorId}`;

/** The settings of the guard, as the connector's owner published them; older events change nothing. */
export async function recordGuard(
  em: EntityManager,
  connectorId: string,
  guard: OrderGuardV1 | undefined,
  { tenantId, aggregateVersion: version }: Message,
): Promise<void> {
  if (!guard) return;
  await statements(em)
    .insertInto('GuardSettings')
    .values({ connectorId, tenantId, guard, version })
    .onConflict((conflict) =>
      conflict
        .column('connectorId')
        .doUpdateSet({ guard, version })
        .where('GuardSettings.version', '<', version)
        .where('GuardSettings.tenantId', '=', tenantId),
    )
    .execute();
}
