import type { ServiceOptions } from '@isthmus/service-kit';
import { ConnectorConfigEnv } from './config.ts';
import { ConnectorConfigModule } from './connector-config.module.ts';
import { ApiKey } from './api-keys/api-key.entity.ts';
import { ConnectorSecret } from './connectors/credential-vault.service.ts';
import { Connector } from './connectors/connector.entity.ts';
import { M0002FieldNames } from './migrations/field-names.migration.ts';
import { M0004ArchivedConnectors } from './migrations/archived-connectors.migration.ts';
import { M0003OrderSettings } from './migrations/order-settings.migration.ts';
import { M0001CreateConnectors } from './migrations/create-connectors.migration.ts';

/** The service's options; `main.ts` and the tests start it with the same ones. */
export const connectorConfig = {
  service: 'connector-config',
  title: 'Connectors',
  description: "Connectors: how each tenant's CMP account is reached, and with which credentials.",
  module: ConnectorConfigModule,
  config: ConnectorConfigEnv,
  database: {
    entities: [Connector, ConnectorSecret, ApiKey],
    migrations: [M0001CreateConnectors, M0002FieldNames, M0003OrderSettings, M0004ArchivedConnectors],
  },
  problems: {
    'connector.not-found': 404,
    'connector.name-taken': 409,
    'connector.marketplace-unknown': 400,
    'connector.secret-needed-again': 400,
    'connector.illegal-action': 409,
    'connector.restore-not-verified': 422,
    'connector.not-attested': 404,
    'api-key.not-found': 404,
    'secret.key-missing': 503,
    'secret.not-opened': 409,
  },
} satisfies ServiceOptions<ConnectorConfigEnv>;
