import type { Message } from '@isthmus/messaging';
import { context, propagation } from '@opentelemetry/api';
import type { StoredFacts } from '../domain/cloud-event.ts';

/** A message as it is kept: in the trace that is active, which continues the one it brought along. */
export const storedFacts = (message: Message, data: object): StoredFacts => ({
  id: message.id,
  tenantId: message.tenantId,
  source: message.headers['ce-source'] ?? `/isthmus/${message.type.split('.', 1)[0]}`,
  type: message.type,
  time: new Date(message.time),
  subject: message.subject,
  correlationId: message.correlationId,
  aggregateVersion: message.aggregateVersion,
  traceparent: activeTraceparent() ?? message.traceparent ?? null,
  data: JSON.stringify(data),
});

/** W3C Trace Context of what is going on, if that is traced. */
export function activeTraceparent(): string | undefined {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
}
