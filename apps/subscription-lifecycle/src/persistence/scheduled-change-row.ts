import type { OrderReason } from '../domain/order/order-reason.ts';
import type { PlannedChange, ScheduledKind } from '../domain/schedule/scheduled-change.ts';
import type { ScheduledStatus } from '../domain/schedule/schedule-lifecycle.ts';

/** A scheduled change as it is stored. */
export interface ScheduledChangeRow {
  id: string;
  position: string;
  tenantId: string;
  connectorId: string;
  subscriptionId: string;
  kind: ScheduledKind;
  seats: number | null;
  autoRenew: boolean | null;
  mpn: string | null;
  /** As the subscription had them when it was planned (ISO 8601); null where nobody knew. */
  term: string | null;
  billingPeriod: string | null;
  /** Milliseconds, UTC; null: for the renewal. */
  dueAt: number | null;
  dropScheduledChanges: boolean;
  status: ScheduledStatus;
  reason: OrderReason | null;
  /** The order that carries it out. */
  orderId: string | null;
  /** The order that was wiped out, of one that is proposed again. */
  insteadOfOrderId: string | null;
  version: number;
  askedBy: string;
  correlationId: string;
  /** A text where the ORM's connection was used. */
  createdAt: Date | string;
  updatedAt: Date | string;
}

export const scheduledChangeColumns = `c.id, c.position, c.tenant_id as "tenantId", c.connector_id as "connectorId",
  c.subscription_id as "subscriptionId", c.kind, c.seats, c.auto_renew as "autoRenew", c.mpn,
  c.term, c.billing_period as "billingPeriod",
  round(extract(epoch from c.due_at) * 1000)::float8 as "dueAt",
  c.drop_scheduled as "dropScheduledChanges", c.status, c.reason, c.order_id as "orderId",
  c.instead_of_order as "insteadOfOrderId", c.version, c.asked_by as "askedBy", c.correlation_id as "correlationId",
  c.created_at as "createdAt", c.updated_at as "updatedAt"`;

export const plannedChange = ({ kind, seats, autoRenew, mpn, dueAt }: ScheduledChangeRow): PlannedChange => ({
  kind,
  seats,
  autoRenew,
  mpn,
  at: dueAt ?? 'renewal',
});
