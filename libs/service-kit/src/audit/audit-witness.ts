import {
  type AuditHeadFieldsV1,
  auditHeadOf,
  eventContracts,
  WebhooksAuditHeadPublishedV1,
} from '@isthmus/contracts';
import { type Message, On, statementsOf } from '@isthmus/messaging';
import { type EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { Controller } from '@nestjs/common';
import type { WitnessedAuditHead } from './audit.entity.ts';

const statements = statementsOf<typeof WitnessedAuditHead>();

/** The types of heads, with the services whose logs they are of. */
const serviceOfType: ReadonlyMap<string, string> = new Map(
  eventContracts()
    .filter(({ type, producer }) => type === auditHeadOf(producer))
    .map(({ eventType, producer }) => [eventType, producer]),
);

/**
 * Stores a published head of another service's log, if the message is one. It may be delivered more than once. A head that
 * contradicts another is stored in addition to it.
 */
export async function witnessHead(em: EntityManager, message: Message, data: object): Promise<void> {
  const service = serviceOfType.get(message.type);
  if (service === undefined) return;
  const { entries: sequence, hash } = data as AuditHeadFieldsV1;
  const { tenantId, time } = message;
  await statements(em)
    .insertInto('WitnessedAuditHead')
    .values({ tenantId, service, sequence, hash, publishedAt: new Date(time), receivedAt: new Date() })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** For a service that stores the heads of webhooks, which in turn stores those of all services. */
@Controller()
export class KeepHeadsOfWebhooks {
  constructor(private readonly orm: MikroORM) {}

  @On(WebhooksAuditHeadPublishedV1)
  keep(head: WebhooksAuditHeadPublishedV1, message: Message): Promise<void> {
    return witnessHead(this.orm.em.fork(), message, head);
  }
}
