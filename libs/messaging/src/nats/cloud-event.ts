import { headers as newHeaders, type MsgHdrs } from '@nats-io/nats-core';
import { Message } from '../message.ts';
import type { NewEvent } from '../outbox/event.ts';
import { EnvelopeBroken } from './nats.errors.ts';

/**
 * CloudEvents 1.0 in binary mode: attributes as `ce-` headers, the data alone as the body.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/nats-protocol-binding.md
 */
export function toHeaders(
  event: Omit<NewEvent, 'data'>,
  source: string,
  traceparent: string | null,
): MsgHdrs {
  const headers = newHeaders();
  headers.set('ce-specversion', '1.0');
  headers.set('ce-id', event.id);
  headers.set('ce-source', source);
  headers.set('ce-type', event.subject);
  headers.set('ce-time', event.time.toISOString());
  headers.set('ce-subject', event.aggregateId);
  headers.set('ce-tenantid', event.tenantId);
  headers.set('ce-correlationid', event.correlationId);
  headers.set('ce-aggregateversion', String(event.aggregateVersion));
  headers.set('content-type', 'application/json');
  headers.set('Nats-Msg-Id', event.id);
  if (traceparent) headers.set('traceparent', traceparent);
  return headers;
}

/** @throws EnvelopeBroken when an attribute every message of ours carries is missing */
export function toMessage(type: string, headers: Readonly<Record<string, string>>): Message {
  const required = (name: string): string => {
    const value = headers[name];
    if (!value) throw new EnvelopeBroken(type, name);
    return value;
  };
  return new Message(
    type,
    {
      id: required('ce-id'),
      subject: required('ce-subject'),
      tenantId: required('ce-tenantid'),
      correlationId: required('ce-correlationid'),
      aggregateVersion: Number(required('ce-aggregateversion')),
      time: required('ce-time'),
      traceparent: headers.traceparent,
    },
    headers,
  );
}

/** Header names as we write them, whatever case a sender used for ours. */
export function plainHeaders(headers: MsgHdrs | undefined): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, values] of headers ?? [])
    plain[/^(ce-|traceparent$)/i.test(name) ? name.toLowerCase() : name] = values[0] ?? '';
  return plain;
}

export function fromPlainHeaders(plain: Readonly<Record<string, string>>): MsgHdrs {
  const headers = newHeaders();
  for (const [name, value] of Object.entries(plain)) headers.set(name, value);
  return headers;
}
