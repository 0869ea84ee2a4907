import { FindApiKey, type FoundApiKey } from '@isthmus/contracts';
import { Answers } from '@isthmus/messaging';
import { type EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { Controller } from '@nestjs/common';
import { Connector } from '../connectors/connector.entity.ts';
import { ApiKey } from './api-key.entity.ts';

@Controller()
export class ApiKeysResponder {
  constructor(private readonly orm: MikroORM) {}

  /** The one request without a tenant, as the key determines the tenant. */
  @Answers(FindApiKey)
  async find({ keyHash }: FindApiKey): Promise<FoundApiKey> {
    const em = this.orm.em.fork();
    const anyTenant = { filters: { tenant: false } };
    const key = await em.findOne(ApiKey, { hash: keyHash }, anyTenant);
    const connector = key && (await em.findOne(Connector, { id: key.connectorId }, anyTenant));
    if (!connector) return {};
    await recordUse(em, key, new Date());
    const { id: apiKeyId, label, tenantId, connectorId } = key;
    const connectorStatus = connector.status === 'paused' ? 'paused' : 'active';
    const { fieldNames, termOfFrequency } = connector;
    return {
      holder: { apiKeyId, label, tenantId, connectorId, connectorStatus, fieldNames, termOfFrequency },
    };
  }
}

const everyMs = 60_000;

/** Keeps `lastUsedAt` to the minute: a busy key must not cost a write per request. */
async function recordUse(em: EntityManager, key: ApiKey, now: Date): Promise<void> {
  if (key.lastUsedAt && now.getTime() - key.lastUsedAt.getTime() < everyMs) return;
  await em.nativeUpdate(ApiKey, { id: key.id }, { lastUsedAt: now }, { filters: { tenant: false } });
}
