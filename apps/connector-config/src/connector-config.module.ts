import {
  auditTables,
  KeyRingInstance,
  type ServiceOptions,
  WitnessedAuditHead,
  witnessHead,
} from '@isthmus/service-kit';
import { WebhooksAuditHeadPublishedV1 } from '@isthmus/contracts';
import { type Message, On } from '@isthmus/messaging';
import { MikroORM } from '@mikro-orm/postgresql';
import { Controller, Module } from '@nestjs/common';
import { ApiKey } from './api-keys/api-key.entity.ts';
import { ApiKeysModule } from './api-keys/api-keys.module.ts';
import { ConnectorConfigEnv } from './config.ts';
import { Connector } from './connectors/connector.entity.ts';
import { ConnectorsModule } from './connectors/connectors.module.ts';
import { ConnectorSecret } from './credentials/credentials.store.ts';
import * as migrations from './migrations/migrations.ts';
import { RemovalModule } from './removal/removal.module.ts';
import { VerificationModule } from './verification/verification.module.ts';
import { WatchingModule } from './watching/watching.module.ts';

/** Stores the published heads of webhooks' audit log; webhooks stores those of all other services. */
@Controller()
export class AuditHeadsOfWebhooks {
  constructor(private readonly orm: MikroORM) {}

  @On(WebhooksAuditHeadPublishedV1)
  store(head: WebhooksAuditHeadPublishedV1, message: Message): Promise<void> {
    return witnessHead(this.orm.em.fork(), message, head);
  }
}

/** Connectors with their sealed credentials and API keys: set up, verified, opened for other services, and removed. */
@Module({
  imports: [ConnectorsModule, VerificationModule, RemovalModule, ApiKeysModule, WatchingModule],
  controllers: [AuditHeadsOfWebhooks],
})
class ConnectorConfigModule {}

/** The service's options; `main.ts` and the tests start it with the same ones. */
export const connectorConfig = {
  service: 'connector-config',
  title: 'Connectors',
  description: "Connectors: how each tenant's CMP account is reached, and with which credentials.",
  module: ConnectorConfigModule,
  config: ConnectorConfigEnv,
  database: {
    entities: [Connector, ConnectorSecret, ApiKey, KeyRingInstance, ...auditTables, WitnessedAuditHead],
    migrations: Object.values(migrations),
  },
  attention: { 'connector-paused': `connectors where status = 'paused'` },
  problems: {
    'connector.not-found': 404,
    'connector.name-taken': 409,
    'connector.marketplace-unknown': 400,
    'connector.secret-needed-again': 400,
    'connector.illegal-action': 409,
    'connector.has-records': 409,
    'connector.dependents-unknown': 503,
    'connector.budget-unknown': 503,
    'connector.in-use': 409,
    'connector.orders-under-way': 409,
    'connector.restore-not-verified': 422,
    'connector.not-attested': 404,
    'connector.too-many': 409,
    'api-key.not-found': 404,
    'api-key.too-many': 409,
    'secret.key-missing': 503,
    'secret.not-opened': 409,
  },
} satisfies ServiceOptions<ConnectorConfigEnv>;
