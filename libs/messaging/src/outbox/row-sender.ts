import { SpanKind, type Span } from '@opentelemetry/api';
import type { ClientBase } from 'pg';
import { backoffMs, pause } from '../retry-loop.ts';
import { parkMessage } from '../consume/park-message.ts';
import { plainHeaders } from '../nats/cloud-event.ts';
import { attributes } from '../telemetry/names.ts';
import { startSpanOf } from '../telemetry/spans.ts';
import { traceparentOf } from '../telemetry/traceparent.ts';
import { toOutgoing, type OutboxRow } from './outbox-rows.ts';
import { PublishRefused } from './publish.errors.ts';
import type { Outgoing, Publisher, PublishFailure } from './publisher.ts';

const triesBeforeParking = 5;
const resendBackoff = { firstMs: 100, mostMs: 1_000 };

/** Sends rows until each is stored or parked. */
export class RowSender {
  constructor(
    private readonly client: ClientBase,
    private readonly publisher: Publisher,
    private readonly source: string,
    /** Makes sure that the streams are there; rejects while NATS is away. */
    private readonly recover: () => Promise<void>,
  ) {}

  /**
   * What failed is sent again alone: what JetStream has already, it would only drop as a duplicate.
   *
   * @returns false when the signal stopped it before everything was stored
   */
  async send(rows: readonly OutboxRow[], signal: AbortSignal): Promise<boolean> {
    const spans: Span[] = [];
    let open = rows.map((row) => this.#toOutgoing(row, spans));
    for (let tries = 1; ; tries += 1) {
      const failures = await this.publisher.publishAll(open);
      open = await this.#stillOpen(open, failures, tries);
      if (open.length === 0 || signal.aborted) break;
      await pause(backoffMs(tries - 1, resendBackoff), signal);
      // Also tells PostgreSQL that this session is alive, or it would give the lock to another relay.
      await this.client.query('select 1');
      await this.recover().catch(() => undefined);
    }
    for (const span of spans) span.end();
    return open.length === 0;
  }

  async #stillOpen(
    sent: Outgoing[],
    failures: (PublishFailure | undefined)[],
    tries: number,
  ): Promise<Outgoing[]> {
    const open: Outgoing[] = [];
    for (const [index, failure] of failures.entries()) {
      if (!failure) continue;
      const message = sent[index]!;
      if (failure instanceof PublishRefused && tries >= triesBeforeParking)
        await this.#park(message, failure, tries);
      else open.push(message);
    }
    return open;
  }

  async #park({ subject, headers, payload }: Outgoing, error: PublishFailure, tries: number): Promise<void> {
    await parkMessage(this.client, {
      direction: 'out',
      subject,
      headers: plainHeaders(headers),
      payload: Buffer.from(payload as string),
      reason: error.code,
      error,
      tries,
    });
  }

  #toOutgoing(row: OutboxRow, spans: Span[]): Outgoing {
    if (!row.traceparent) return toOutgoing(row, this.source);
    const span = startSpanOf(row.traceparent, `publish ${row.subject}`, SpanKind.PRODUCER, {
      [attributes.system]: 'nats',
      [attributes.operation]: 'publish',
      [attributes.destination]: row.subject,
      [attributes.messageId]: row.id,
      [attributes.tenantId]: row.tenantId,
      [attributes.correlationId]: row.correlationId,
    });
    spans.push(span);
    return toOutgoing(row, this.source, traceparentOf(span.spanContext()));
  }
}
