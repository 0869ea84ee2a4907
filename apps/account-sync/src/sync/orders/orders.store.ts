import type { CmpOrderDetail } from '@isthmus/cmp-client';
import type { MirrorOwner, RunContext } from '@isthmus/sync-engine';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { PoolClient } from 'pg';
import { statements } from '../../database.ts';
import { orderLines, orderMirror } from './order.mirror.ts';

/** An order that CMP has completed but whose effect on subscriptions has not been determined yet. */
export interface DueOrder {
  id: string;
  cmpId: string;
  /** CMP's value: sales, change, renewal, cancellation, migration, unknown. */
  type: string;
  cmpAccountId: string;
  /** Known once the order's detail was read. */
  cmpSubscriptionId: string | null;
  /** True if the order may still have open return windows. */
  recent: boolean;
  /** Time at which the CMP list containing it was read. */
  readAt: Date;
  /** The products in the order's detail; null until it has been read. */
  lines: readonly { cmpSubscriptionId?: string | undefined }[] | null;
}

/** A subscription change detected in the same run. */
export interface FoundChange {
  cmpAccountId: string;
  result: string;
  changed: string[];
}

/** Orders that CMP has completed and whose subscription has not been read since. */
export const dueOrders = ({ em, run }: RunContext): Promise<DueOrder[]> =>
  ordersOf(em, run)
    .select(['o.id', 'o.cmpId', 'o.type', 'o.cmpAccountId', 'o.cmpSubscriptionId', 'o.readAt', 'o.lines'])
    .select(sql<boolean>`coalesce(o.creation_date > now() - interval '8 days', false)`.as('recent'))
    .where('o.subscriptionDue', '=', true)
    .orderBy('o.creationDate')
    .$narrowType<{ cmpAccountId: string }>()
    .execute();

const ordersOf = (em: EntityManager, { tenantId, connectorId }: MirrorOwner) =>
  statements(em)
    .selectFrom('ProviderOrder as o')
    .where('o.tenantId', '=', tenantId)
    .where('o.connectorId', '=', connectorId);

/** Like `dueOrders`, but for a plan: taken from the plan's data, because a plan does not store orders. */
export async function plannedOrders({ em, run }: RunContext): Promise<DueOrder[]> {
  const rows = await statements(em)
    .selectFrom('SyncPlanBatch as b')
    .crossJoinLateral(
      sql<{ id: string; value: string }>`json_to_recordset(b.rows)`.as<'p'>(
        sql`p(mirror text, id uuid, live boolean, value text)`,
      ),
    )
    .select(['p.id', 'p.value'])
    .where('b.runId', '=', run.id)
    .where(sql<boolean>`p.mirror = 'provider-order' and not p.live`)
    .orderBy('b.seq')
    .execute();
  return rows.map(({ id, value }) => {
    const order = JSON.parse(value) as CmpOrderDetail;
    const { type, customerId: cmpAccountId, subscriptionId: cmpSubscriptionId = null } = order;
    const read = { readAt: new Date(), lines: null, recent: true };
    return { id, cmpId: order.id, type, cmpAccountId, cmpSubscriptionId, ...read };
  });
}

/** The changes of subscriptions that this run has found so far. */
export async function changesFoundSoFar({ pool, run }: RunContext): Promise<FoundChange[]> {
  const { rows } = await pool.query<FoundChange>(
    `select r->>'cmpAccountId' as "cmpAccountId", r->>'result' as result,
       array(select jsonb_array_elements_text(coalesce(r->'changed', '[]'))) as changed
     from sync_run_batches b, jsonb_array_elements(b.records::jsonb) r
     where b.run_id = $1 and r->>'kind' = 'provider-subscription' and r->>'result' in ('appeared', 'changed', 'ended')`,
    [run.id],
  );
  return rows;
}

/** An order's detail, and its main subscription. */
interface OrderWithDetail {
  id: string;
  detail: CmpOrderDetail;
  subscription: string | undefined;
}

/** Stores and publishes the details of orders, so that an interrupted run need not read them again. */
export async function publishOrderDetails(
  context: RunContext,
  read: readonly OrderWithDetail[],
): Promise<void> {
  if (read.length === 0) return;
  const { tenantId, connectorId } = context.run;
  const origin = { tenantId, connectorId, asOf: new Date().toISOString() };
  const details = new Map(read.map(({ id, detail }) => [id, detail]));
  await context.commit({
    done: 0,
    write: async (client) => {
      const rows = await updateOrderDetails(client, tenantId, read, true);
      const { event } = orderMirror(true);
      return {
        events: rows.map(({ id, version, ...stored }) =>
          event(
            {
              ...{ kind: 'changed', id, version, value: details.get(id)!, stored },
              ...{ changed: ['lines'], changes: [] },
            },
            origin,
          ),
        ),
      };
    },
  });
}

interface UpdatedOrder {
  id: string;
  version: number;
  cmp_subscription_id: string | null;
}

/** @param isPublished whether to publish the orders again, as a new version */
export async function updateOrderDetails(
  client: PoolClient,
  tenantId: string,
  read: readonly OrderWithDetail[],
  isPublished: boolean,
): Promise<UpdatedOrder[]> {
  const { rows } = await client.query<UpdatedOrder>(
    `update provider_orders o set cmp_subscription_id = coalesce(t.subscription, o.cmp_subscription_id),
       scheduled_on = t.scheduled_on, lines = t.lines, version = version + $6
     from unnest($1::uuid[], $2::text[], $3::text[], $4::json[]) as t(id, subscription, scheduled_on, lines)
     where o.id = t.id and o.tenant_id = $5 returning o.id, o.version, o.cmp_subscription_id`,
    [
      read.map(({ id }) => id),
      read.map(({ subscription }) => subscription ?? null),
      read.map(({ detail }) => detail.scheduledOn ?? null),
      read.map(({ detail }) => JSON.stringify(orderLines(detail))),
      tenantId,
      isPublished ? 1 : 0,
    ],
  );
  return rows;
}

/** CMP ids of subscriptions whose detail was read after the order was seen to be completed. */
export async function subscriptionsReadSince(
  { pool, run }: RunContext,
  wanted: readonly { subscription: string; readAt: Date }[],
): Promise<Set<string>> {
  const { rows } = await pool.query<{ cmp_id: string }>(
    `select s.cmp_id from unnest($3::text[], $4::timestamptz[]) as w(cmp_id, read_at)
     join provider_subscriptions s on s.tenant_id = $1 and s.connector_id = $2 and s.cmp_id = w.cmp_id
     group by s.cmp_id having bool_and(s.detail_confirmed_at > w.read_at and s.detail_failure is null)`,
    [
      run.tenantId,
      run.connectorId,
      wanted.map(({ subscription }) => subscription),
      wanted.map(({ readAt }) => readAt.toISOString()),
    ],
  );
  return new Set(rows.map((row) => row.cmp_id));
}

/** Marks orders whose subscriptions have been re-read or need not be. */
export async function markProcessed(context: RunContext, orders: readonly { id: string }[]): Promise<void> {
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

/** CMP's statuses of orders that it has not ended yet. */
export const openOrderStatuses = ['submitted', 'processing'] as const;

/** Orders that were open when last read. */
export const openOrders = ({ em, run }: RunContext): Promise<{ cmpId: string; status: string }[]> =>
  ordersOf(em, run)
    .select(['o.cmpId', 'o.status'])
    .where('o.status', 'in', [...openOrderStatuses])
    .execute();

/** The order's own subscription first; CMP creates several if the products belong to several plans. */
export const subscriptionsOf = ({ subscriptionId, products }: CmpOrderDetail): string[] => [
  ...new Set(
    [subscriptionId, ...products.map((line) => line.subscriptionId)].filter((id) => id !== undefined),
  ),
];

export const readCursor = ({ em, run }: RunContext) =>
  statements(em)
    .selectFrom('OrderCursor as c')
    .select(['c.newest', 'c.unread'])
    .where('c.connectorId', '=', run.connectorId)
    .where('c.tenantId', '=', run.tenantId)
    .executeTakeFirst();

/**
 * Advances the cursor, but never past the current time; otherwise an order with a future date would make us skip all orders until
 * then.
 */
export async function moveCursor(
  client: PoolClient,
  { run }: RunContext,
  to: string | undefined,
  unread: readonly string[],
): Promise<void> {
  const owner = [run.connectorId, run.tenantId, unread];
  if (to)
    await client.query(
      `insert into order_cursors as c (connector_id, tenant_id, unread, newest) values ($1, $2, $3, least($4::timestamptz, now()))
       on conflict (connector_id) do update set newest = greatest(c.newest, excluded.newest), unread = excluded.unread`,
      [...owner, to],
    );
  else
    await client.query(
      'update order_cursors set unread = $3 where connector_id = $1 and tenant_id = $2',
      owner,
    );
}
