import { Controller } from '@nestjs/common';
import { MikroORM } from '@mikro-orm/postgresql';
import { FindApiKey, type FoundApiKey } from '@isthmus/contracts';
import { Answers } from '@isthmus/messaging';
import { ApiKey } from '../domain/api-key.entity.ts';
import { Connector } from '../domain/connector.entity.ts';
import { noteUse } from '../persistence/note-use.ts';

@Controller()
export class AnswerFindApiKey {
  constructor(private readonly orm: MikroORM) {}

  /** The one question without a tenant, as the key is what tells the tenant. */
  @Answers(FindApiKey)
  async find({ keyHash }: FindApiKey): Promise<FoundApiKey> {
    const em = this.orm.em.fork();
    const anyTenant = { filters: { tenant: false } };
    const key = await em.findOne(ApiKey, { hash: keyHash }, anyTenant);
    const connector = key && (await em.findOne(Connector, { id: key.connectorId }, anyTenant));
    if (!connector) return {};
    await noteUse(em, key, new Date());
    const { id: apiKeyId, label, tenantId, connectorId } = key;
    const connectorStatus = connector.status === 'paused' ? 'paused' : 'active';
    const { fieldNames, termOfFrequency } = connector;
    return {
      holder: { apiKeyId, label, tenantId, connectorId, connectorStatus, fieldNames, termOfFrequency },
    };
  }
}
