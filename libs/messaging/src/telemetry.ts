import {
  type Attributes,
  context,
  type Context,
  createContextKey,
  isSpanContextValid,
  type Meter,
  metrics,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

/** Every span attribute and metric this library sets, once. */
export const attributes = {
  system: 'messaging.system',
  destination: 'messaging.destination.name',
  destinationTemplate: 'messaging.destination.template',
  messageId: 'messaging.message.id',
  operation: 'messaging.operation.type',
  operationName: 'messaging.operation.name',
  rpcSystem: 'rpc.system.name',
  rpcMethod: 'rpc.method',
  consumerGroup: 'messaging.consumer.group.name',
  deliveryCount: 'isthmus.delivery.count',
  tenantId: 'isthmus.tenant.id',
  correlationId: 'isthmus.correlation.id',
  reason: 'isthmus.parked.reason',
  direction: 'isthmus.parked.direction',
  stream: 'isthmus.stream',
  outcome: 'isthmus.outcome',
  eventType: 'cloudevents.event_type',
} as const;

export const metricNames = {
  /** Events the relay has seen stored by JetStream. */
  published: 'isthmus.outbox.published',
  /** Age of the oldest event when the relay published it, in milliseconds. */
  relayDelay: 'isthmus.outbox.relay_delay',
  /** Parked messages; any increase needs attention. */
  parked: 'isthmus.messages.parked',
  /** Messages handled, by outcome. */
  handled: 'isthmus.messages.handled',
  /** Streams found to have lost messages, which were then published again. */
  streamLosses: 'isthmus.stream.losses',
} as const;

const correlationKey = createContextKey('isthmus.correlation-id');

/** Of the request in progress; whoever serves it sets it, under a key that is global by its name. */
export const activeCorrelationId = (): string | undefined =>
  context.active().getValue(correlationKey) as string | undefined;

const shape = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** W3C Trace Context, https://www.w3.org/TR/trace-context/#traceparent-header. Undefined when no span is active. */
export function activeTraceparent(): string | undefined {
  const span = trace.getSpanContext(context.active());
  return span && isSpanContextValid(span) ? traceparentOf(span) : undefined;
}

export const traceparentOf = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;

/** The context of a received or stored traceparent; the root if there is none or it cannot be read. */
export function contextOf(traceparent: string | null | undefined): Context {
  const [, traceId, spanId, flags] = shape.exec(traceparent ?? '') ?? [];
  if (!traceId || !spanId || !flags) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
  });
}

const tracer = trace.getTracer('@isthmus/messaging');

/** Runs `work` in a span that continues the message's trace. */
export async function withSpan<T>(
  traceparent: string | null | undefined,
  name: string,
  kind: SpanKind,
  attributes: Attributes,
  work: () => Promise<T>,
): Promise<T> {
  const span = startSpanOf(traceparent, name, kind, attributes);
  try {
    return await context.with(trace.setSpan(context.active(), span), work);
  } catch (error) {
    failSpan(span, error);
    throw error;
  } finally {
    span.end();
  }
}

export const startSpanOf = (
  traceparent: string | null | undefined,
  name: string,
  kind: SpanKind,
  attributes: Attributes,
): Span => tracer.startSpan(name, { kind, attributes }, contextOf(traceparent));

/** Only what kind of error it was: messages, and stacks begin with them, may hold values. */
export function failSpan(span: Span, error: unknown): void {
  const { name, code } = error as { name?: unknown; code?: unknown };
  const type = typeof code === 'string' ? code : typeof name === 'string' ? name : 'unknown';
  span.setAttribute('error.type', type.slice(0, 100));
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/**
 * Instruments that are made when they are first used, once for each program in the process: which meter there is depends on whose
 * code is running, and the metrics API has no proxy for what is made before its provider is set.
 */
export function instruments<T>(meter: string, make: (meter: Meter) => T): () => T {
  const made = new WeakMap<Meter, T>();
  return () => {
    const current = metrics.getMeter(meter);
    const known = made.get(current) ?? make(current);
    made.set(current, known);
    return known;
  };
}

const use = instruments('@isthmus/messaging', (meter) => ({
  parked: meter.createCounter(metricNames.parked),
  handled: meter.createCounter(metricNames.handled),
  published: meter.createCounter(metricNames.published),
  relayDelay: meter.createHistogram(metricNames.relayDelay, { unit: 'ms' }),
  streamLosses: meter.createCounter(metricNames.streamLosses),
}));

export const countParked = (direction: string, reason: string): void =>
  use().parked.add(1, { [attributes.direction]: direction, [attributes.reason]: reason });

export const countHandled = (eventType: string, outcome: string): void =>
  use().handled.add(1, { [attributes.eventType]: eventType, [attributes.outcome]: outcome });

export const countPublished = (count: number): void => use().published.add(count);

export const recordRelayDelay = (milliseconds: number): void => use().relayDelay.record(milliseconds);

/** With 0 too: what first appears as 1 has not increased for whoever watches. */
export const countStreamLosses = (stream: string, losses: number): void =>
  use().streamLosses.add(losses, { [attributes.stream]: stream });
