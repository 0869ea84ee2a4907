import { readEventSubject, tenantToken } from '@isthmus/contracts';
import { type MsgHdrs, headers as newHeaders } from '@nats-io/transport-node';

/** The metadata of a message. `toHeaders` contains the names used in the headers. */
export interface EventEnvelope {
  /** The event's id; equal for every delivery of it. */
  id: string;
  /** The aggregate's id, as CloudEvents calls it. */
  subject: string;
  tenantId: string;
  /** Shared by everything that one command causes. */
  correlationId: string;
  /** Version of the aggregate, counted by its owner. A consumer may ignore a message older than the version it has. */
  aggregateVersion: number;
  /** When the event was created, ISO 8601, UTC. */
  time: string;
  traceparent?: string;
}

/** A received message, passed to handlers in addition to its data. */
export class Message implements EventEnvelope {
  readonly id: string;
  readonly subject: string;
  readonly tenantId: string;
  readonly correlationId: string;
  readonly aggregateVersion: number;
  readonly time: string;
  readonly traceparent?: string;

  constructor(
    /** The CloudEvents type, such as `account-sync.sync-run-started.v1`. */
    readonly type: string,
    envelope: EventEnvelope,
    /** The received headers. */
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    this.id = envelope.id;
    this.subject = envelope.subject;
    this.tenantId = envelope.tenantId;
    this.correlationId = envelope.correlationId;
    this.aggregateVersion = envelope.aggregateVersion;
    this.time = envelope.time;
    this.traceparent = envelope.traceparent;
  }

  /** True when the receiver already knows this aggregate at this version or a later one. */
  isOlderThan(knownVersion: number | undefined): boolean {
    return knownVersion !== undefined && this.aggregateVersion <= knownVersion;
  }
}

/** An event to be published: give it to `emit` or `emitMany`. Its data is checked by the compiler, not at run time. */
export interface NewEvent<T extends object = object> {
  id: string;
  /** The CloudEvents type. */
  type: string;
  aggregateId: string;
  aggregateVersion: number;
  tenantId: string;
  correlationId: string;
  traceparent: string | null;
  time: Date;
  data: T;
}

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
  headers.set('ce-type', event.type);
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

/**
 * Returns the message received under a subject. Type and tenant are taken from the subject, because NATS permissions control who
 * may publish under it.
 *
 * @throws InvalidEnvelope if a required attribute is missing or contradicts the subject
 */
export function toMessage(subject: string, headers: Readonly<Record<string, string>>): Message {
  const required = (name: string): string => {
    const value = headers[name];
    if (!value) throw new InvalidEnvelope(subject, `it has no ${name}`);
    return value;
  };
  const { eventType: type, tenantId } = readEventSubject(subject);
  if (isRepublished(headers)) throw new InvalidEnvelope(subject, 'a stream republished it');
  // A client that may fetch messages from a consumer can have the server send them to any subject: under another subject they are
  // not an event.
  const [ofTenant, ofType] = [required('ce-tenantid'), required('ce-type')];
  if (tenantToken(ofTenant) !== tenantToken(tenantId))
    throw new InvalidEnvelope(subject, `its ce-tenantid is ${ofTenant}`);
  if (ofType !== type) throw new InvalidEnvelope(subject, `its ce-type is ${ofType}`);
  return new Message(
    type,
    {
      id: required('ce-id'),
      subject: required('ce-subject'),
      tenantId,
      correlationId: required('ce-correlationid'),
      aggregateVersion: Number(required('ce-aggregateversion')),
      time: required('ce-time'),
      traceparent: headers.traceparent,
    },
    headers,
  );
}

/**
 * Whether the server sent the message because of the configuration of a stream. The owner of a stream chooses that subject, and
 * the server does not check whether it may publish there; it always adds this header.
 */
export const isRepublished = (headers: Readonly<Record<string, string>>): boolean =>
  Object.keys(headers).some((name) => name.toLowerCase() === 'nats-stream');

/** Header names in our spelling, regardless of the sender's case. */
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

/** A message without the attributes of our messages. Retrying cannot help. */
export class InvalidEnvelope extends Error {
  override readonly name = 'InvalidEnvelope';
  readonly code = 'envelope.invalid';

  constructor(
    readonly subject: string,
    readonly problem: string,
  ) {
    super(`A message of ${subject} was not published by a relay: ${problem}.`);
  }
}
