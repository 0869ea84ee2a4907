import { context, createContextKey, type Context } from '@opentelemetry/api';

/** The key is global by its name, so that libraries below the kit read the same value through OpenTelemetry's context. */
const key = createContextKey('isthmus.correlation-id');

/** The correlation id of the request or message being handled; `undefined` outside of one. */
export function currentCorrelationId(): string | undefined {
  return context.active().getValue(key) as string | undefined;
}

export function withCorrelationId(parent: Context, correlationId: string): Context {
  return parent.setValue(key, correlationId);
}
