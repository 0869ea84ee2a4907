import { credentialContext } from '@isthmus/contracts';
import { keyRotationOf } from '@isthmus/service-kit';
import { defineEntity, p } from '@mikro-orm/core';
import type { Provider } from '@nestjs/common';
import { Connector, tenantFilters } from '../connectors/connector.entity.ts';

export const secretFields = ['password', 'subscriptionKey'] as const;
export type SecretField = (typeof secretFields)[number];

const secretTable = defineEntity({
  name: 'ConnectorSecret',
  tableName: 'connector_secrets',
  filters: tenantFilters,
  properties: {
    connectorId: () => p.manyToOne(Connector).mapToPk().primary().joinColumn('connector_id'),
    field: p.enum(secretFields).primary(),
    version: p.integer().primary(),
    tenantId: p.uuid(),
    /** null once replaced or removed: the row stays to show who set it and when, the secret does not. */
    sealed: p.text().strictNullable(),
    setBy: p.text(),
    setAt: p.datetime(),
  },
});

/** A current or former value of a secret field of a connector. */
export class ConnectorSecret extends secretTable.class {}
secretTable.setClass(ConnectorSecret);

export const keyRotation: Provider = keyRotationOf<CredentialRow>(
  {
    table: 'connector_secrets',
    key: { connector_id: 'uuid', field: 'text', version: 'int' },
    select: {
      connectorId: 's.connector_id',
      field: 's.field',
      version: 's.version',
      tenantId: 's.tenant_id',
      apiUrl: 'c.api_url',
      username: 'c.username',
    },
    join: 'join connectors c on c.id = s.connector_id',
    owner: ({ field, version, ...context }) => credentialContext(context, field, version),
  },
  { bound: true },
);

interface CredentialRow {
  connectorId: string;
  field: SecretField;
  version: number;
  tenantId: string;
  apiUrl: string;
  username: string;
}
