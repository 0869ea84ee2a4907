import { credentialContext } from '@isthmus/contracts';
import { KeyRing, KeyRotation, type StoredSecrets } from '@isthmus/service-kit';
import { defineEntity, p } from '@mikro-orm/core';
import { MikroORM } from '@mikro-orm/postgresql';
import type { Provider } from '@nestjs/common';
import { Pool } from 'pg';
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

/** Every tenant's, for moving them to another key. */
const storedCredentials = (pool: Pool): StoredSecrets => ({
  async find({ format, keyId }, after, limit) {
    const { rows } = await pool.query<CredentialRow>(
      `select i.id, s.connector_id as "connectorId", s.field, s.version, s.tenant_id as "tenantId", s.sealed,
              c.api_url as "apiUrl", c.username
       from connector_secrets s join connectors c on c.id = s.connector_id,
         lateral (select concat_ws(' ', s.connector_id, s.field, s.version) collate "C" as id) i
       where s.sealed is not null and i.id > $1
         and (split_part(s.sealed, '.', 2) <> $2 or $3 not in ('any', split_part(s.sealed, '.', 1)))
       order by i.id limit $4`,
      [after, keyId, format, limit],
    );
    return rows.map(({ id, sealed, field, version, ...context }) => ({
      id,
      sealed,
      owner: credentialContext(context, field, version),
    }));
  },

  async replace(secrets) {
    // A row that was written meanwhile has another text, and is found again.
    const { rowCount } = await pool.query(
      `update connector_secrets s set sealed = n.sealed
       from (select split_part(id, ' ', 1)::uuid as connector_id, split_part(id, ' ', 2) as field,
                    split_part(id, ' ', 3)::int as version, was, sealed
             from unnest($1::text[], $2::text[], $3::text[]) as given (id, was, sealed)) n
       where s.connector_id = n.connector_id and s.field = n.field and s.version = n.version and s.sealed = n.was`,
      [secrets.map(({ id }) => id), secrets.map(({ was }) => was), secrets.map(({ sealed }) => sealed)],
    );
    return rowCount ?? 0;
  },
});

export const keyRotation: Provider = {
  provide: KeyRotation,
  inject: [MikroORM, Pool, KeyRing],
  useFactory: (orm: MikroORM, pool: Pool, ring: KeyRing) =>
    new KeyRotation(orm, pool, ring, storedCredentials(pool), { bound: true }),
};

interface CredentialRow {
  id: string;
  connectorId: string;
  field: SecretField;
  version: number;
  tenantId: string;
  sealed: string;
  apiUrl: string;
  username: string;
}
