/** An event as it was said, with its data as the JSON text that is sent. */
export interface StoredFacts {
  id: string;
  source: string;
  type: string;
  time: Date;
  /** The aggregate's id. */
  subject: string;
  tenantId: string;
  correlationId: string;
  aggregateVersion: number;
  traceparent: string | null;
  data: string;
}

export const cloudEventsType = 'application/cloudevents+json';

/**
 * CloudEvents 1.0 in structured mode, the same bytes at every attempt. The names are those of the headers on the bus.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */
export function cloudEventText({ data, ...event }: StoredFacts): string {
  const attributes = JSON.stringify({
    specversion: '1.0',
    id: event.id,
    source: event.source,
    type: event.type,
    time: event.time.toISOString(),
    subject: event.subject,
    datacontenttype: 'application/json',
    tenantid: event.tenantId,
    correlationid: event.correlationId,
    aggregateversion: event.aggregateVersion,
    ...(event.traceparent && { traceparent: event.traceparent }),
  });
  return `${attributes.slice(0, -1)},"data":${data}}`;
}
