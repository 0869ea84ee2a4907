import { trace } from '@opentelemetry/api';
import { pino, type DestinationStream, type Logger } from 'pino';
import { currentCorrelationId } from '../correlation.ts';
import { errorFields } from './error-fields.ts';
import { redactedPaths } from './redact.ts';

/** The service's log: one JSON object a line, with the trace and correlation ids of what is being handled. */
export function createLogger(service: string, level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: { service },
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactedPaths, censor: '[secret]' },
      serializers: { err: errorFields },
      mixin: handledIds,
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
}

function handledIds(): Record<string, string> {
  const ids: Record<string, string> = {};
  const span = trace.getActiveSpan()?.spanContext();
  if (span) {
    ids.trace_id = span.traceId;
    ids.span_id = span.spanId;
  }
  const correlationId = currentCorrelationId();
  if (correlationId) ids.correlationId = correlationId;
  return ids;
}
