import { defineEntity, p } from '@mikro-orm/core';
import { Connector } from './connector.entity.ts';
import { tenantFilters } from './tenant-filters.ts';

export const secretFields = ['password', 'subscriptionKey'] as const;
export type SecretField = (typeof secretFields)[number];

const schema = defineEntity({
  name: 'ConnectorSecret',
  tableName: 'connector_secrets',
  filters: tenantFilters,
  properties: {
    connectorId: () => p.manyToOne(Connector).mapToPk().primary().joinColumn('connector_id'),
    field: p.enum(secretFields).primary(),
    version: p.integer().primary(),
    tenantId: p.uuid(),
    /** null once replaced or removed: the row stays to tell who set it and when, the secret does not. */
    sealed: p.text().strictNullable(),
    setBy: p.text(),
    setAt: p.datetime(),
  },
});

/** One value that a secret field of a connector has or had. */
export class ConnectorSecret extends schema.class {}
schema.setClass(ConnectorSecret);
