import type { ProviderSubscriptionChangedV1 } from '@isthmus/contracts';
import { clientIn, type CursorKey, isoTime } from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import { statements } from '../tables.ts';
import type { FactChange } from './rules/observe.ts';
import type { ChangeSource } from './subscription-events.ts';
import { changedByOrder } from './subscription.ts';

/** An entry in the history of a subscription. */
interface HistoryEntry {
  tenantId: string;
  subscriptionId: string;
  source: ChangeSource;
  /** The subject of a person, or the name of a service. */
  by: string;
  orderId?: string | null;
  correlationId: string;
  changes: readonly FactChange[];
}

/** Writes them in the given order; those without changes are left out. */
export async function writeHistory(em: EntityManager, entries: readonly HistoryEntry[]): Promise<void> {
  const rows = entries.filter(({ changes }) => changes.length > 0);
  if (rows.length > 0) await clientIn(em).query(insertHistory, [JSON.stringify(rows)]);
}

/** Uses arrays instead of a typed query: a thousand rows in one statement, in the order of the array. */
const insertHistory = `
  insert into subscription_history (tenant_id, subscription_id, source, by, order_id, correlation_id, changes)
  select tenant_id, subscription_id, source, by, order_id, correlation_id, changes
  from rows from (json_to_recordset($1::json) as ("tenantId" uuid, "subscriptionId" uuid, source text, by text,
    "orderId" uuid, "correlationId" text, changes json)) with ordinality
    as e (tenant_id, subscription_id, source, by, order_id, correlation_id, changes, n) order by n`;

/** The newest first. */
export async function listSubscriptionChanges(
  em: EntityManager,
  tenantId: string,
  subscriptionId: string,
  after: CursorKey | undefined,
  limit: number,
) {
  const found = await statements(em)
    .selectFrom('SubscriptionHistory')
    .select(['id', 'at', 'source', 'by', 'orderId', 'correlationId', 'changes'])
    .where('tenantId', '=', tenantId)
    .where('subscriptionId', '=', subscriptionId)
    .$if(after !== undefined, (query) => query.where('id', '<', String(after![0])))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  return found.map(({ id: position, at, ...change }) => ({ position, at: isoTime(at), ...change }));
}

/** Our order that caused the seats in the event, if any. */
export async function orderExplaining(
  em: EntityManager,
  { id: subscriptionId, tenantId }: { id: string; tenantId: string },
  { asOf, lines }: ProviderSubscriptionChangedV1,
): Promise<{ orderId: string } | null> {
  const order = await statements(em)
    .selectFrom('Order')
    .select(['id', 'record'])
    .where('tenantId', '=', tenantId)
    .where('subscriptionId', '=', subscriptionId)
    .where('kind', '=', 'change-quantity')
    .where('status', '=', 'settled')
    .orderBy('position', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!order) return null;
  const { id, record } = order;
  const of = record.spec.kind === 'change-quantity' ? record.spec.product : undefined;
  // The line that the order was about, wherever CMP lists it.
  const isIt = (mpn: string, cmpProductId: string) =>
    of !== undefined && (of.cmpProductId ? of.cmpProductId === cmpProductId : of.mpn === mpn);
  const after = lines.find((line) => isIt(line.mpn, line.productId))?.quantity;
  return changedByOrder(record, { after, asOf: Date.parse(asOf) }) ? { orderId: id } : null;
}
