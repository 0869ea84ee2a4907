import { context, SpanKind, SpanStatusCode, trace, type Attributes, type Span } from '@opentelemetry/api';
import { contextOf } from './traceparent.ts';

const tracer = trace.getTracer('@isthmus/messaging');

/** Runs `work` in a span that continues the trace a message brought with it. */
export async function inSpanOf<T>(
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

export function failSpan(span: Span, error: unknown): void {
  span.recordException(error as Error);
  span.setStatus({ code: SpanStatusCode.ERROR });
}
