import { Webhook } from 'standardwebhooks';
import { cloudEventsType } from './cloud-event.ts';

/** Sent with every webhook, apart from the signature: these are what the delivery log shows. */
export function requestHeaders(eventId: string, at: Date): Record<string, string> {
  return {
    'content-type': cloudEventsType,
    'user-agent': 'Isthmus-Webhooks/1',
    'webhook-id': eventId,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
  };
}

/**
 * Standard Webhooks: one signature for each secret in force, the newest first, so that a receiver may change over.
 * @param secrets `whsec_…`
 */
export function signature(secrets: readonly string[], eventId: string, at: Date, body: string): string {
  return secrets.map((secret) => new Webhook(secret).sign(eventId, at, body)).join(' ');
}
