import { type AuditHeadFieldsV1, auditHeadOf, eventContracts } from '@isthmus/contracts';
import { type Message, statementsOf } from '@isthmus/messaging';
import type { EntityManager } from '@mikro-orm/postgresql';
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
