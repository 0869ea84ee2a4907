import { ScheduledChangeChangedV1 } from '@isthmus/contracts';
import { event, type NewEvent } from '@isthmus/messaging';
import { isoTime } from '@isthmus/service-kit';
import type { ScheduledChangeRow } from './scheduled-change-row.ts';

/** What is said of a scheduled change as it stands. */
export function scheduledChangeEvent(row: ScheduledChangeRow): NewEvent {
  const { tenantId, id, version, correlationId, reason } = row;
  const data: ScheduledChangeChangedV1 = {
    connectorId: row.connectorId,
    scheduledChangeId: id,
    subscriptionId: row.subscriptionId,
    kind: row.kind,
    seats: row.seats ?? undefined,
    autoRenew: row.autoRenew ?? undefined,
    mpn: row.mpn ?? undefined,
    at: row.dueAt === null ? undefined : isoTime(new Date(row.dueAt)),
    status: row.status,
    orderId: row.orderId ?? undefined,
    insteadOfOrderId: row.insteadOfOrderId ?? undefined,
    reason: reason
      ? { ...reason, detail: reason.detail.slice(0, 4000), nextStep: reason.nextStep.slice(0, 2000) }
      : undefined,
    askedBy: row.askedBy,
  };
  return event(ScheduledChangeChangedV1, data, { tenantId, aggregateId: id, version, correlationId });
}
