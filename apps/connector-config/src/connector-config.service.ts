import type { ServiceOptions } from '@isthmus/service-kit';
import { ConnectorConfigEnv } from './config.ts';
import { ConnectorsModule } from './connectors.module.ts';
import { ApiKey } from './domain/api-key.entity.ts';
import { ConnectorSecret } from './domain/connector-secret.entity.ts';
import { Connector } from './domain/connector.entity.ts';
import { M0002FieldNames } from './persistence/migrations/field-names.migration.ts';
import { M0004ArchivedConnectors } from './persistence/migrations/archived-connectors.migration.ts';
import { M0003OrderSettings } from './persistence/migrations/order-settings.migration.ts';
import { M0001CreateConnectors } from './persistence/migrations/create-connectors.migration.ts';

/** What makes this service this service; `main.ts` and the tests start the same. */
export const connectorConfig = {
  service: 'connector-config',
  title: 'Connectors',
  description: 'Where CMP is for each tenant, and what opens it.',
  module: ConnectorsModule,
  config: ConnectorConfigEnv,
  database: {
    entities: [Connector, ConnectorSecret, ApiKey],
    migrations: [M0001CreateConnectors, M0002FieldNames, M0003OrderSettings, M0004ArchivedConnectors],
  },
  problems: {
    'connector.not-found': 404,
    'connector.illegal-action': 409,
    'connector.not-attested': 404,
    'api-key.not-found': 404,
    'secret.key-missing': 503,
    'secret.not-opened': 409,
  },
} satisfies ServiceOptions<ConnectorConfigEnv>;
