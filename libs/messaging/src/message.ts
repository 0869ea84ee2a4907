/** Who, what and when of a message, apart from its data. The names on the wire are in nats/cloud-event.ts. */
export interface EventEnvelope {
  /** The event's id; equal for every delivery of it. */
  id: string;
  /** The aggregate's id, as CloudEvents calls it. */
  subject: string;
  tenantId: string;
  /** What everything caused by one command has in common. */
  correlationId: string;
  /** Of the aggregate, counted by its owner. A receiver may ignore a message older than what it knows. */
  aggregateVersion: number;
  /** When it was said, ISO 8601, UTC. */
  time: string;
  traceparent?: string;
}

/** A received message, as handlers get it beside its data. */
export class Message implements EventEnvelope {
  readonly id: string;
  readonly subject: string;
  readonly tenantId: string;
  readonly correlationId: string;
  readonly aggregateVersion: number;
  readonly time: string;
  readonly traceparent?: string;

  constructor(
    /** The contract's subject, such as `account-sync.sync-run-started.v1`. */
    readonly type: string,
    envelope: EventEnvelope,
    /** As they came over the wire. */
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
