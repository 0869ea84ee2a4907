import { readListing, type CmpOrder, type CmpOrderDetail, type ReadRecord } from '@isthmus/cmp-client';
import {
  changesOf,
  cursorAfter,
  laterOf,
  mirrorRow,
  mirrorSql,
  readingFrom,
  writeChanges,
  type CursorReading,
  type Phase,
  type RunContext,
} from '@isthmus/sync-engine';
import type { PoolClient } from 'pg';
import { orderMirror } from '../mirrors/order.mirror.ts';
import { keepOrderDetails, subscriptionsOf } from './due-orders.ts';

const dayMs = 86_400_000;

export interface OrderHistory {
  /** How far the very first tick of a connector looks back. */
  days: number;
}

/** The tick: orders newer than the cursor, then those we hold as open. What they changed is found out by later phases. */
export const ordersPhase = (history: OrderHistory): Phase => ({
  name: 'orders',
  async run(context) {
    const cursor = await readCursor(context);
    const from = readingFrom(cursor, Date.now(), history.days * dayMs);
    const reading = await readNewOrders(context, from, cursor !== null);
    await readOpenOrders(context);
    // Last, so that what an interrupted tick did not store is read again.
    const reached = cursorAfter(reading);
    if (reached && context.run.apply) {
      await context.commit({
        done: 0,
        write: async (client) => {
          await moveCursor(client, context, reached);
          return {};
        },
      });
    }
  },
});

async function readNewOrders(context: RunContext, from: Date, due: boolean): Promise<CursorReading> {
  const creationTimeFrom = `${from.toISOString().slice(0, 19)}Z`;
  const page = (offset: number, limit: number) =>
    context.cmp.orders.page({ offset, limit, creationTimeFrom }, { signal: context.signal });
  const pages = readListing(page, { ahead: 0 });
  let newest: string | undefined;
  let done = 0;
  for (;;) {
    const step = await pages.next();
    if (step.done) return { newest, gaps: step.value.reasons };
    const { records, total, checkpoint } = step.value;
    done += records.length;
    await storeOrders(context, records, { due, done, total });
    const dates = records.flatMap((record) => (record.ok ? [record.value.creationDate] : []));
    newest = laterOf(newest, dates);
    // Newest first: a page that reaches behind the start ends the reading even where CMP ignores the filter.
    if (dates.some((date) => date < creationTimeFrom)) return { newest, gaps: checkpoint.reasons };
  }
}

/** Orders that were open when last read and are not new: CMP lists the open ones by status, and a missing one is read by itself. */
async function readOpenOrders(context: RunContext): Promise<void> {
  for (const status of ['submitted', 'processing'] as const) {
    const held = await heldOpen(context, status);
    if (!held.size) continue;
    const page = (offset: number, limit: number) =>
      context.cmp.orders.page({ offset, limit, status }, { signal: context.signal });
    for await (const step of readListing(page, { ahead: 0 })) {
      for (const record of step.records) if (record.id) held.delete(record.id);
      await storeOrders(context, step.records, { due: true, done: step.checkpoint.rows, total: step.total });
    }
    for (const cmpId of held) {
      const detail = await context.cmp.orders.get(cmpId, { signal: context.signal });
      await storeOrders(context, [{ ok: true, id: cmpId, value: detail, raw: detail }], {
        due: true,
        done: 1,
      });
    }
  }
}

async function storeOrders(
  context: RunContext,
  records: readonly ReadRecord<CmpOrder | CmpOrderDetail>[],
  { due, done, total }: { due: boolean; done: number; total?: number },
): Promise<void> {
  const mirror = orderMirror(due);
  const sql = mirrorSql(mirror);
  const rows = records.flatMap((record) => (record.ok ? [mirrorRow(mirror, context.run, record.value)] : []));
  const aside = records.flatMap((record) =>
    record.ok
      ? []
      : [
          {
            kind: mirror.kind,
            cmpId: record.id,
            result: 'set-aside' as const,
            reason: `${record.field}: ${record.reason}`,
          },
        ],
  );
  const differences = await changesOf(context.pool, mirror, sql, rows);
  const details = differences.flatMap(({ row: { id, value } }) =>
    'products' in value ? [{ id, detail: value, subscription: subscriptionsOf(value)[0] }] : [],
  );
  const origin = {
    tenantId: context.run.tenantId,
    connectorId: context.run.connectorId,
    asOf: new Date().toISOString(),
  };
  await context.commit({
    done,
    total,
    counts: { read: records.length, unchanged: rows.length - differences.length, setAside: aside.length },
    records: aside,
    write: differences.length
      ? async (client) => {
          const result = await writeChanges(client, mirror, sql, differences, origin);
          if (details.length) await keepOrderDetails(client, context.run.tenantId, details, false);
          return result;
        }
      : undefined,
  });
}

async function heldOpen({ pool, run }: RunContext, status: string): Promise<Set<string>> {
  const { rows } = await pool.query<{ cmp_id: string }>(
    'select cmp_id from provider_orders where tenant_id = $1 and connector_id = $2 and status = $3',
    [run.tenantId, run.connectorId, status],
  );
  return new Set(rows.map((row) => row.cmp_id));
}

async function readCursor({ pool, run }: RunContext): Promise<Date | null> {
  const { rows } = await pool.query<{ newest: Date }>(
    'select newest from order_cursors where connector_id = $1 and tenant_id = $2',
    [run.connectorId, run.tenantId],
  );
  return rows[0]?.newest ?? null;
}

const moveCursor = (client: PoolClient, { run }: RunContext, to: string) =>
  client.query(
    `insert into order_cursors as c (connector_id, tenant_id, newest) values ($1, $2, $3)
     on conflict (connector_id) do update set newest = greatest(c.newest, excluded.newest)`,
    [run.connectorId, run.tenantId, to],
  );
