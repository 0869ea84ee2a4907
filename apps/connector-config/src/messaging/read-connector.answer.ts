import { Controller } from '@nestjs/common';
import { ReadConnector, type ReadConnectorAnswer } from '@isthmus/contracts';
import { Answers } from '@isthmus/messaging';
import { Connector } from '../domain/connector.entity.ts';
import { TenantStore } from '../persistence/tenant-store.ts';
import { settingsOf } from './connector-events.ts';

@Controller()
export class AnswerReadConnector {
  constructor(private readonly store: TenantStore) {}

  @Answers(ReadConnector)
  read({ tenantId, connectorId }: ReadConnector): Promise<ReadConnectorAnswer> {
    return this.store.read(tenantId, async (em) => {
      const connector = await em.findOne(Connector, { id: connectorId });
      if (!connector) return {};
      const { paused } = connector;
      const pause = paused && { cause: paused.cause, detail: paused.detail, nextStep: paused.nextStep };
      return { connector: { ...settingsOf(connector), ...(pause && { paused: pause }) } };
    });
  }
}
