import type { TenantRows } from '@isthmus/service-kit';
import type { LostChange } from '../domain/schedule/lost-changes.ts';

/**
 * The changes of a subscription that an immediate change of it (`change-quantity` now, `cancel`) would drop at Microsoft:
 * those that CMP keeps for the renewal, those on their way there, and those planned for it. Empty when nothing would be
 * lost. For quotes as a warning, for orders to refuse (`refuseLoss`); a renewal setting drops nothing. What somebody
 * scheduled in CMP's own panel is not known here, and what is being withdrawn is no loss.
 */
export async function scheduledChangesLost(rows: TenantRows, subscriptionId: string): Promise<LostChange[]> {
  return rows.select<LostChange & Record<string, unknown>>(lost, [subscriptionId], 'scheduled-changes-lost');
}

/** In the words of the index `orders_for_renewal`, which a parameter would not match. */
const lost = `
  select o.scheduled_change_id as "scheduledChangeId", o.id as "orderId", o.record -> 'ask' -> 'product' ->> 'mpn' as mpn,
    (o.record -> 'ask' ->> 'seats')::int as seats
  from orders o
  where o.tenant_id = $1 and o.subscription_id = $2 and o.kind = 'change-quantity'
    and o.status not in ('settled', 'refused', 'withdrawn') and o.record -> 'ask' ->> 'when' = 'renewal'
    and o.record ->> 'withdrawAsked' = 'false'
  union all
  select c.id, null, c.mpn, c.seats from scheduled_changes c
  where c.tenant_id = $1 and c.subscription_id = $2 and c.kind = 'change-quantity' and c.status = 'planned'
    and c.due_at is null`;
