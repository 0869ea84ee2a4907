import { Webhook } from 'standardwebhooks';

/** An event as it was published, with its data as the JSON text that is sent. */
export interface PublishedEvent {
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

const cloudEventsType = 'application/cloudevents+json';

/**
 * Serialises an event as CloudEvents 1.0 in structured mode; identical for every attempt. The attribute names match the NATS headers
 * (without `ce-`).
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */
export function cloudEventText({ data, ...event }: PublishedEvent): string {
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

/** All headers of a webhook except the signature; the delivery log shows these. */
export function requestHeaders(eventId: string, at: Date): Record<string, string> {
  return {
    'content-type': cloudEventsType,
    'user-agent': 'Isthmus-Webhooks/1',
    'webhook-id': eventId,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
  };
}

/**
 * Standard Webhooks: one signature for each active secret, newest first, so that a receiver can rotate its secret.
 * @param secrets `whsec_…`
 */
export function signature(secrets: readonly string[], eventId: string, at: Date, body: string): string {
  return secrets.map((secret) => new Webhook(secret).sign(eventId, at, body)).join(' ');
}
