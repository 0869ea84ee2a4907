import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { type EventData, eventTypes } from './generated/events.ts';

/** A CloudEvent as a webhook delivers it; its `type` determines the type of `data`. */
export type WebhookEvent = {
  [T in keyof EventData]: WebhookEnvelope & { type: T; data: EventData[T] };
}[keyof EventData];

interface WebhookEnvelope {
  specversion: '1.0';
  /** The same for every delivery of the event: keep it to recognise repeated deliveries. */
  id: string;
  source: string;
  time: string;
  /** The id of the thing that the event is about. */
  subject: string;
  tenantid: string;
  correlationid: string;
  /** Grows with each event about the same `subject`: ignore an event with a lower number than one already received. */
  aggregateversion: number;
  traceparent?: string;
}

/** The request is not from Isthmus, was changed on its way, or is older than five minutes. Respond with 400 and do not act on it. */
export class NotSigned extends Error {
  override readonly name = 'NotSigned';
}

/**
 * The event in a webhook, once its signature is verified.
 * @param rawBody the body as it was received, not parsed and serialised again
 * @param secret `whsec_…`; a list while one secret replaces another
 * @throws NotSigned
 */
export function unwrap(
  rawBody: string | Uint8Array,
  headers: Headers | Readonly<Record<string, string | string[] | undefined>>,
  secret: string | readonly string[],
): WebhookEvent {
  const text = typeof rawBody === 'string' ? rawBody : new TextDecoder().decode(rawBody);
  const named = Object.fromEntries(
    ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, headerOf(headers, name)]),
  );
  const secrets = typeof secret === 'string' ? [secret] : secret;
  let refusal: unknown;
  for (const one of secrets) {
    try {
      return new Webhook(one).verify(text, named) as WebhookEvent;
    } catch (error) {
      if (!(error instanceof WebhookVerificationError)) throw error;
      refusal = error;
    }
  }
  const reason = refusal instanceof Error ? refusal.message : 'no secret was given';
  throw new NotSigned(`The webhook cannot be trusted: ${reason}.`, { cause: refusal });
}

function headerOf(headers: Parameters<typeof unwrap>[1], name: string): string {
  if (headers instanceof Headers) return headers.get(name) ?? '';
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return (Array.isArray(found) ? found[0] : found) ?? '';
}

/** Whether this version of the SDK knows the event's type. A newer service may send others, which are to be ignored. */
export const isKnownEvent = (event: { type: string }): event is WebhookEvent =>
  (eventTypes as readonly string[]).includes(event.type);
