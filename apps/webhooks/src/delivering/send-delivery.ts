import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { attributes, counter } from '@isthmus/service-kit';
import type { Dispatcher } from 'undici';
import { cloudEventText } from '../domain/cloud-event.ts';
import { judgeAttempt } from '../domain/judge-attempt.ts';
import { requestHeaders, signature } from '../domain/signed-headers.ts';
import { failureOf, type Attempt, type DueDelivery, type Settlement } from './attempt.ts';
import { postWebhook } from './post-webhook.ts';

const tracer = trace.getTracer('isthmus');
const attempted = counter('isthmus.webhook.deliveries');

export interface Sending {
  dispatcher: Dispatcher;
  url: string;
  /** `whsec_…`, the newest first. */
  secrets: readonly string[];
  timeoutMs: number;
  /** Pause before each attempt, in milliseconds. */
  schedule: readonly number[];
}

/**
 * Signs and sends a delivery once, in the trace of its event.
 * @throws PostStopped when `stop` was aborted meanwhile
 */
export async function sendDelivery(
  { dispatcher, url, secrets, timeoutMs, schedule }: Sending,
  delivery: Pick<DueDelivery, 'id' | 'round' | 'tries' | 'event'>,
  stop: AbortSignal,
): Promise<Settlement> {
  const { event } = delivery;
  const at = new Date();
  const body = cloudEventText(event);
  const logged = requestHeaders(event.id, at);
  const headers = { ...logged, 'webhook-signature': signature(secrets, event.id, at, body) };
  const parent = propagation.extract(ROOT_CONTEXT, { traceparent: event.traceparent ?? '' });
  const span = tracer.startSpan(
    `deliver ${event.type}`,
    {
      kind: SpanKind.PRODUCER,
      attributes: {
        'messaging.message.id': event.id,
        [attributes.tenantId]: event.tenantId,
        [attributes.correlationId]: event.correlationId,
      },
    },
    parent,
  );
  try {
    // The kit puts the traceparent of the active span on every request of undici.
    const result = await context.with(trace.setSpan(parent, span), () =>
      postWebhook(dispatcher, { url, headers, body, timeoutMs }, stop),
    );
    const verdict = judgeAttempt(result, delivery.tries, schedule, new Date());
    if (verdict.outcome !== 'delivered')
      span.setStatus({ code: SpanStatusCode.ERROR, message: failureOf(result) });
    attempted.add(1, { outcome: verdict.outcome });
    const attempt: Attempt = { ...result, at, url, requestHeaders: logged };
    return { delivery, attempt, verdict };
  } finally {
    span.end();
  }
}
