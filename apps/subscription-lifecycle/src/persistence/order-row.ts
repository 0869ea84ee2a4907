import type { OrderRecord } from '../domain/order/order-record.ts';
import type { WaitFacts } from '../domain/order/order-wait.ts';

/** An order as it is stored. */
export interface OrderRow {
  id: string;
  position: string;
  tenantId: string;
  connectorId: string;
  queue: string;
  record: OrderRecord;
  fence: number;
  version: number;
  subscriptionId: string | null;
  scheduledChangeId: string | null;
  askedBy: string;
  correlationId: string;
  createdAt: Date;
  updatedAt: Date;
  /** What it waits for, where that was read; null when for nothing. */
  wait?: WaitFacts | null;
}

export const orderColumns = `o.id, o.position, o.tenant_id as "tenantId", o.connector_id as "connectorId", o.queue, o.record, o.fence,
  o.version, o.subscription_id as "subscriptionId", o.scheduled_change_id as "scheduledChangeId", o.asked_by as "askedBy",
  o.correlation_id as "correlationId", o.created_at as "createdAt", o.updated_at as "updatedAt"`;
