import type { Statements } from '@isthmus/messaging';
import type { FactChange } from '../domain/subscription/observe.ts';
import type { ChangeSource } from './subscription-events.ts';

/** What belongs into the history of a subscription. */
export interface HistoryEntry {
  tenantId: string;
  subscriptionId: string;
  source: ChangeSource;
  /** The subject of a person, or the name of a service. */
  by: string;
  orderId?: string | null;
  correlationId: string;
  changes: readonly FactChange[];
}

/** Writes them in the order given; those without changes are left out. */
export async function writeHistory(client: Statements, entries: readonly HistoryEntry[]): Promise<void> {
  const rows = entries.filter(({ changes }) => changes.length > 0);
  if (rows.length === 0) return;
  await client.query(insert, [JSON.stringify(rows)]);
}

const insert = `
  insert into subscription_history (tenant_id, subscription_id, source, by, order_id, correlation_id, changes)
  select tenant_id, subscription_id, source, by, order_id, correlation_id, changes
  from rows from (json_to_recordset($1::json) as ("tenantId" uuid, "subscriptionId" uuid, source text, by text,
    "orderId" uuid, "correlationId" text, changes json)) with ordinality
    as e (tenant_id, subscription_id, source, by, order_id, correlation_id, changes, n) order by n`;
