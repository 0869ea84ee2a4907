import type { CmpOrderDetail } from '@isthmus/cmp-client';
import type { RunContext } from '@isthmus/sync-engine';
import { defineEntity, p } from '@mikro-orm/core';
import type { PoolClient } from 'pg';
import type { DueOrder, FoundChange } from './explained-orders.ts';
import { orderLines, orderMirror } from './order.mirror.ts';

const schema = defineEntity({
  name: 'ProviderOrder',
  tableName: 'provider_orders',
  indexes: [
    {
      name: 'provider_orders_open',
      expression: `create index provider_orders_open on provider_orders (connector_id, status)
          where status in ('submitted', 'processing') or subscription_due`,
    },
  ],
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    cmpId: p.text(),
    orderNumber: p.text().nullable(),
    /** sales, change, renewal, cancellation, migration, unknown. */
    type: p.text(),
    /** submitted, processing, completed, error, cancelled. */
    status: p.text(),
    statusCode: p.text().nullable(),
    cmpAccountId: p.text().nullable(),
    creationDate: p.datetime().nullable(),
    provisioningDate: p.datetime().nullable(),
    /** Only the order's detail names the subscription. */
    cmpSubscriptionId: p.text().nullable(),
    /** CMP's value, from the order's detail: `renewal` for a change that waits for the end of the term. */
    scheduledOn: p.text().nullable(),
    /** Its effect on each product, from the order's detail; null while only the list has been read. */
    lines: p.json().columnType('json').nullable(),
    /** CMP has completed it, and the subscription it touched still has to be read. */
    subscriptionDue: p.boolean().default(false),
    hash: p.uuid(),
    readAt: p.datetime(),
    goneAt: p.datetime().nullable(),
    version: p.integer().version(),
  },
});

/** An order at CMP as last read, no matter who placed it. */
export class ProviderOrder extends schema.class {}

schema.setClass(ProviderOrder);

const cursorSchema = defineEntity({
  name: 'OrderCursor',
  tableName: 'order_cursors',
  properties: {
    connectorId: p.uuid().primary(),
    tenantId: p.uuid(),
    /** Creation time of the newest order read: where the next tick starts. */
    newest: p.datetime(),
    /** CMP ids of orders that could not be stored: each tick reads some of them again. */
    unread: p.array().columnType('text[]').default([]),
  },
});

/** How far the orders of a connector have been read. */
export class OrderCursor extends cursorSchema.class {}

cursorSchema.setClass(OrderCursor);

/** Orders that CMP has completed and whose subscription has not been read since. */
export async function dueOrders({ pool, run }: RunContext): Promise<DueOrder[]> {
  const { rows } = await pool.query<DueOrder>(
    `select id, cmp_id as "cmpId", type, cmp_account_id as "cmpAccountId", cmp_subscription_id as "cmpSubscriptionId",
       creation_date > now() - interval '8 days' as recent, read_at as "readAt", lines
     from provider_orders where tenant_id = $1 and connector_id = $2 and subscription_due order by creation_date`,
    [run.tenantId, run.connectorId],
  );
  return rows;
}

/** The same for a plan, from what it has read, because a plan stores no orders. */
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
interface ReadOrder {
  id: string;
  detail: CmpOrderDetail;
  subscription: string | undefined;
}

/** Stores and publishes the details of orders, so that an interrupted run need not read them again. */
export async function publishOrderDetails(context: RunContext, read: readonly ReadOrder[]): Promise<void> {
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

/** @param isPublished whether the orders are published again with this, as a new version */
export async function updateOrderDetails(
  client: PoolClient,
  tenantId: string,
  read: readonly ReadOrder[],
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

/** CMP ids of those subscriptions whose detail was read after the order was seen to be completed. */
export async function readSince(
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

/** Their subscriptions have been read, or do not have to be. */
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

/** CMP ids of the orders that had this status when last read. */
export async function openOrderIds({ pool, run }: RunContext, status: string): Promise<Set<string>> {
  const { rows } = await pool.query<{ cmp_id: string }>(
    'select cmp_id from provider_orders where tenant_id = $1 and connector_id = $2 and status = $3',
    [run.tenantId, run.connectorId, status],
  );
  return new Set(rows.map((row) => row.cmp_id));
}

/** The order's own subscription first; CMP creates several if the products belong to several plans. */
export const subscriptionsOf = ({ subscriptionId, products }: CmpOrderDetail): string[] => [
  ...new Set(
    [subscriptionId, ...products.map((line) => line.subscriptionId)].filter((id) => id !== undefined),
  ),
];

interface Cursor {
  newest: Date;
  unread: string[];
}

export async function readCursor({ pool, run }: RunContext): Promise<Cursor | null> {
  const { rows } = await pool.query<Cursor>(
    'select newest, unread from order_cursors where connector_id = $1 and tenant_id = $2',
    [run.connectorId, run.tenantId],
  );
  return rows[0] ?? null;
}

/** Never beyond the present: an order dated in the future would hide all orders until then. */
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
