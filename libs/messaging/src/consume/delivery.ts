import { contractBySubject, decode, type ContractClass } from '@isthmus/contracts';
import { SpanKind } from '@opentelemetry/api';
import type { Message } from '../message.ts';
import type { RetryPolicy } from '../messaging-options.ts';
import { toMessage } from '../nats/cloud-event.ts';
import { backoffMs, pause } from '../retry-loop.ts';
import { attributes } from '../telemetry/names.ts';
import { inSpanOf } from '../telemetry/spans.ts';
import { failureKind } from './failure.ts';

/** While the database, or whatever else a handler needs, is unreachable. */
export const outageBackoff = { firstMs: 200, mostMs: 5_000 };

/** A message as it came, from JetStream or from the parked ones. */
export interface RawMessage {
  subject: string;
  headers: Readonly<Record<string, string>>;
  payload: Uint8Array;
}

/** Hears a message; resolves when its effect is committed. */
export type Hear = (data: object, message: Message) => Promise<unknown>;

/** How a delivery ended, and what it means for the message. */
export type Outcome = { kind: 'done' } | { kind: 'hopeless' | 'failed' | 'stopped'; error: unknown };

/**
 * Delivers one message to its handler. A failure is tried again here first, which keeps the aggregate's order; while what
 * the handler needs is away, this waits for it, which keeps the message from being blamed.
 */
export async function deliver(
  raw: RawMessage,
  hear: Hear,
  retry: RetryPolicy,
  signal: AbortSignal,
): Promise<Outcome> {
  let message: Message;
  let data: object;
  try {
    message = toMessage(raw.subject, raw.headers);
    data = decodePayload(raw);
  } catch (error) {
    return { kind: 'hopeless', error };
  }
  for (let failures = 0, outages = 0; ;) {
    try {
      await inSpanOf(
        message.traceparent,
        `process ${raw.subject}`,
        SpanKind.CONSUMER,
        spanFacts(message),
        () => hear(data, message),
      );
      return { kind: 'done' };
    } catch (error) {
      const kind = failureKind(error);
      if (signal.aborted) return { kind: 'stopped', error };
      if (kind === 'unstorable') return { kind: 'hopeless', error };
      const delayMs =
        kind === 'unavailable' ? backoffMs(outages++, outageBackoff) : retry.localDelaysMs[failures++];
      if (delayMs === undefined) return { kind: 'failed', error };
      await pause(delayMs, signal);
    }
  }
}

function decodePayload({ subject, payload }: RawMessage): object {
  const contract = contractBySubject(subject);
  if (!contract) throw new Error(`Nothing is known of ${subject}; a newer service may say it.`);
  return decode(contract.type as ContractClass, JSON.parse(Buffer.from(payload).toString('utf8')));
}

const spanFacts = (message: Message) => ({
  [attributes.system]: 'nats',
  [attributes.operation]: 'process',
  [attributes.destination]: message.type,
  [attributes.messageId]: message.id,
  [attributes.tenantId]: message.tenantId,
  [attributes.correlationId]: message.correlationId,
});
