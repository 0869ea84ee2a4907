import {
  type AuditHeadFieldsV1,
  auditHeadOf,
  eventContracts,
  WebhooksAuditHeadPublishedV1,
} from '@isthmus/contracts';
import { type Message, On } from '@isthmus/messaging';
import { Controller } from '@nestjs/common';
import { Pool } from 'pg';

/** The subjects of heads, with the services whose logs they are of. */
const serviceOfSubject: ReadonlyMap<string, string> = new Map(
  eventContracts()
    .filter(({ type, producer }) => type === auditHeadOf(producer))
    .map(({ subject, producer }) => [subject, producer]),
);

/**
 * Keeps a published head of another service's log, if the message is one. It may be delivered more than once. One that contradicts another
 * is kept beside it.
 */
export async function witnessHead(pool: Pool, message: Message, data: object): Promise<void> {
  const service = serviceOfSubject.get(message.type);
  if (service === undefined) return;
  const { entries, hash } = data as AuditHeadFieldsV1;
  await pool.query({
    name: 'isthmus.audit-witness',
    text: `insert into witnessed_audit_heads (tenant_id, service, sequence, hash, published_at) values ($1, $2, $3, $4, $5)
      on conflict do nothing`,
    values: [message.tenantId, service, entries, hash, message.time],
  });
}

/** For a service that is to keep the heads of webhooks, which keeps those of all. */
@Controller()
export class KeepHeadsOfWebhooks {
  constructor(private readonly pool: Pool) {}

  @On(WebhooksAuditHeadPublishedV1)
  keep(head: WebhooksAuditHeadPublishedV1, message: Message): Promise<void> {
    return witnessHead(this.pool, message, head);
  }
}
