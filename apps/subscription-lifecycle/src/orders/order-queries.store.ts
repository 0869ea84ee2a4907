import type { OrderWaitCause } from '@isthmus/contracts';
import { Conditions, type CursorKey, isoTime, type TenantRows } from '@isthmus/service-kit';
import { blockingStatuses, type OrderStatus } from './order-lifecycle.ts';
import type { OrderContext, OrderStateRow } from './order-wait.ts';
import { OrderNotFound } from './order.errors.ts';
import { orderColumns } from './order.store.ts';
import { type OrderKind, type OrderReason, type OrderRow, type OrderSpec, queueKey } from './order.ts';

const quoted = (values: readonly string[]) => values.map((value) => `'${value}'`).join(', ');

/**
 * What an order `o` waits for; null if it does not wait, or needs a person. Defined only here, so that lists can filter by
 * it.
 */
const waitCause = `(case
  when o.status in ('settled', 'refused', 'withdrawn', 'needs-attention', 'completed-not-effective') then null
  when o.status = 'scheduled' then 'renewal'
  when o.status in ('planned', 'accepted') and o.record ->> 'cmpWait' is not null then o.record ->> 'cmpWait'
  when wp.connector_id is not null then 'connector-paused'
  when o.status = 'planned' and wa.id is not null then 'another-order'
  else 'cmp' end)`;

const pauseJson = (alias: string) =>
  `json_build_object('automatic', ${alias}.automatic, 'detail', ${alias}.detail, 'nextStep', ${alias}.next_step, 'by', ${alias}.by)`;

/** Joined to `orders o`. */
const waitJoins = `
  left join connector_pauses wp on wp.connector_id = o.connector_id and wp.tenant_id = o.tenant_id and wp.paused
  left join lateral (
    select a.id, a.kind, a.status from orders a
    where o.status = 'planned' and a.tenant_id = o.tenant_id and a.connector_id = o.connector_id and a.queue = o.queue and a.position < o.position
      and a.status in (${quoted(blockingStatuses)})
    order by a.position limit 1) wa on true
  left join subscriptions ws on ws.id = o.subscription_id and ws.tenant_id = o.tenant_id`;

const waitColumn = `
  case when ${waitCause} is not null then json_build_object(
    'cause', ${waitCause},
    'pause', case when wp.connector_id is not null then ${pauseJson('wp')} end,
    'ahead', case when wa.id is not null then json_build_object('id', wa.id, 'kind', wa.kind, 'status', wa.status) end,
    'renewalDate', ws.state ->> 'renewalDate') end as wait`;

const account = `
  from provider_accounts a join account_links l on l.tenant_id = a.tenant_id and l.provider_account_id = a.id
  where a.tenant_id = $1 and a.connector_id = $2 and a.cmp_account_id = $3 and l.tenant_account_id is not null`;

export async function readOrderContext(
  rows: TenantRows,
  {
    connectorId,
    subscriptionId,
    ask,
  }: { connectorId: string; subscriptionId: string | null; ask: OrderSpec },
): Promise<OrderContext> {
  const [context] = await rows.select<OrderContext & Record<string, unknown>>(
    `select exists(select 1 ${account}) as linked,
       case when $5::uuid is null
         then exists(select 1 ${account} and exists(select 1 from billing_contracts c
           where c.tenant_id = $1 and c.tenant_account_id = l.tenant_account_id and c.is_default))
         else exists(select 1 from subscriptions s
           where s.tenant_id = $1 and s.id = $5 and s.billing_contract_id is not null) end as "underContract",
       (select ${pauseJson('p')} from connector_pauses p
         where p.tenant_id = $1 and p.connector_id = $2 and p.paused) as pause,
       (select json_build_object('id', o.id, 'kind', o.kind, 'status', o.status) from orders o
         where o.tenant_id = $1 and o.connector_id = $2 and o.queue = $4 and o.status in (${quoted(blockingStatuses)})
         order by o.position limit 1) as ahead`,
    [connectorId, ask.cmpAccountId, queueKey(ask), subscriptionId],
    'order-context',
  );
  return context!;
}

interface OrderFilter {
  status?: OrderStatus;
  subscriptionId?: string;
  waitingFor?: OrderWaitCause;
}

/** The newest first. */
export function listOrders(
  rows: TenantRows,
  { status, subscriptionId, waitingFor }: OrderFilter,
  after: CursorKey | undefined,
  limit: number,
): Promise<OrderRow[]> {
  const where = new Conditions('o.tenant_id = $1')
    .when(status, (p) => `o.status = ${p}`)
    .when(subscriptionId, (p) => `o.subscription_id = ${p}::uuid`)
    .when(waitingFor, (p) => `${waitCause} = ${p}`)
    .after(after, 'o.position', ['bigint'], '<');
  const end = where.param(limit + 1);
  return rows.select(
    `select ${orderColumns}, ${waitColumn} from orders o ${waitJoins} where ${where} order by o.position desc limit ${end}`,
    where.values,
  );
}

interface HistoryRow {
  at: Date;
  status: OrderStatus;
  reason: OrderReason | null;
  by: string;
}

export async function readOrderHistory(rows: TenantRows, orderId: string) {
  const found = await rows.select<HistoryRow>(
    'select at, status, reason, by from order_history where tenant_id = $1 and order_id = $2 order by id',
    [orderId],
  );
  return found.map((row) => ({ ...row, at: isoTime(row.at) }));
}

/** How these orders of a connector stand, the oldest first. */
export const readOrderStates = (
  rows: TenantRows,
  connectorId: string,
  ids: readonly string[],
): Promise<OrderStateRow[]> =>
  rows.select(
    `select o.id, o.record, ${waitColumn}, coalesce(o.subscription_id, s.id) as "subscriptionId"
     from orders o left join subscriptions s on s.tenant_id = o.tenant_id and s.connector_id = o.connector_id
       and s.cmp_subscription_id = o.record->>'cmpSubscriptionId' ${waitJoins}
     where o.tenant_id = $1 and o.connector_id = $2 and o.id = any($3::uuid[]) order by o.position`,
    [connectorId, ids],
  );

/** An order that another one of the same subscription has to wait for. */
interface OrderUnderWay {
  id: string;
  kind: OrderKind;
  status: OrderStatus;
}

/** The orders of a subscription that are neither at their end nor kept for the renewal, the oldest first. */
export const ordersUnderWay = (rows: TenantRows, subscriptionId: string): Promise<OrderUnderWay[]> =>
  rows.select<OrderUnderWay & Record<string, unknown>>(
    `select id, kind, status from orders where tenant_id = $1 and subscription_id = $2 and status = any($3) order by position`,
    [subscriptionId, blockingStatuses],
  );

export async function readOrder(rows: TenantRows, id: string): Promise<OrderRow> {
  const [row] = await rows.select<OrderRow>(
    `select ${orderColumns}, ${waitColumn} from orders o ${waitJoins} where o.tenant_id = $1 and o.id = $2`,
    [id],
  );
  if (!row) throw new OrderNotFound(id);
  return row;
}
