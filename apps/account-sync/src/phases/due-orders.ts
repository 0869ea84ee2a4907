import type { CmpOrderDetail } from '@isthmus/cmp-client';
import type { RunContext } from '@isthmus/sync-engine';
import type { DueOrder, FoundChange } from '../domain/explained-orders.ts';

/** Orders that are done at CMP and whose subscription has not been read since. */
export async function dueOrders({ pool, run }: RunContext): Promise<DueOrder[]> {
  const { rows } = await pool.query<DueOrder>(
    `select id, cmp_id as "cmpId", type, cmp_account_id as "cmpAccountId", cmp_subscription_id as "cmpSubscriptionId"
     from provider_orders where tenant_id = $1 and connector_id = $2 and subscription_due order by creation_date`,
    [run.tenantId, run.connectorId],
  );
  return rows;
}

/** The same as a plan has read them: it stores none. */
export async function plannedOrders({ pool, run }: RunContext): Promise<DueOrder[]> {
  const { rows } = await pool.query<{ id: string; value: string }>(
    `select p.id, p.value from sync_plan_batches b
       cross join lateral json_to_recordset(b.rows) as p(mirror text, id uuid, live boolean, value text)
     where b.run_id = $1 and p.mirror = 'provider-order' and not p.live order by b.seq`,
    [run.id],
  );
  return rows.map(({ id, value }) => {
    const order = JSON.parse(value) as CmpOrderDetail;
    const { type, customerId: cmpAccountId, subscriptionId: cmpSubscriptionId = null } = order;
    return { id, cmpId: order.id, type, cmpAccountId, cmpSubscriptionId };
  });
}

/** The changes of subscriptions that this run has found so far. */
export async function changesFoundBy({ pool, run }: RunContext): Promise<FoundChange[]> {
  const { rows } = await pool.query<FoundChange>(
    `select r->>'cmpAccountId' as "cmpAccountId", r->>'result' as result,
       array(select jsonb_array_elements_text(coalesce(r->'changed', '[]'))) as changed
     from sync_run_batches b, jsonb_array_elements(b.records::jsonb) r
     where b.run_id = $1 and r->>'kind' = 'provider-subscription' and r->>'result' in ('appeared', 'changed', 'ended')`,
    [run.id],
  );
  return rows;
}

/** Keeps which subscription each order is about, so that an interrupted run need not ask again. */
export async function nameSubscription(
  context: RunContext,
  orders: readonly { id: string; subscription?: string }[],
): Promise<void> {
  await context.commit({
    done: 0,
    write: async (client) => {
      await client.query(
        `update provider_orders o set cmp_subscription_id = t.subscription
         from unnest($1::uuid[], $2::text[]) as t(id, subscription) where o.id = t.id and t.subscription is not null`,
        [orders.map(({ id }) => id), orders.map(({ subscription }) => subscription ?? null)],
      );
      return {};
    },
  });
}

export async function markDone(context: RunContext, orders: readonly { id: string }[]): Promise<void> {
  await context.commit({
    done: 0,
    write: async (client) => {
      await client.query('update provider_orders set subscription_due = false where id = any($1)', [
        orders.map(({ id }) => id),
      ]);
      return {};
    },
  });
}
