import { messagingTables } from '@isthmus/messaging';
import { defineConfig, MikroORM } from '@mikro-orm/postgresql';
import { Pool } from 'pg';
import type { Logger } from 'pino';
import { crossTenantRole, type ServiceEnv } from '../config.ts';
import type { DatabaseOptions } from '../service-options.ts';
import { tracePostgres } from '../telemetry/postgres-spans.ts';
import { ReleasingDriver } from './lost-connections.ts';
import { type PostgresAddress, postgresAddress } from './postgres-address.ts';
import { ScopedClient, scopePool } from './scoped-client.ts';
import { declareTenantPolicy } from './tenant-policies.ts';

export interface Database {
  orm: MikroORM;
  pool: Pool;
  close(): Promise<void>;
}

/**
 * The service's two ways to PostgreSQL: MikroORM for commands, a plain pool for bulk and hot statements. Neither
 * connects before it is used, so a service starts while the database is down.
 */
export function openDatabase(
  service: string,
  env: ServiceEnv,
  tables: DatabaseOptions,
  log: Logger,
): Database {
  tracePostgres(ScopedClient);
  const address = postgresAddress(env.DATABASE_URL, env.DATABASE_CA_FILE);
  const pool = new Pool({
    connectionString: address.url,
    ssl: address.ssl,
    max: env.DATABASE_POOL_MAX,
    connectionTimeoutMillis: connectionWaitMs,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: service,
  });
  // Without a listener a connection that breaks while idle or checked out would end the process.
  pool.on('error', (err) =>
    log.warn({ err }, 'An idle database connection broke; the next statement opens a new one.'),
  );
  pool.on('connect', (client) => {
    client.on('error', (err) => log.warn({ err }, 'A database connection broke.'));
  });
  scopePool(pool, crossTenantRole(env), (error) => log.error(error.message));
  const orm = openOrm(service, address, env, tables, log, (made) =>
    scopePool(made, crossTenantRole(env), () => undefined),
  );
  return {
    orm,
    pool,
    close: async () => {
      await Promise.all([orm.close(true), pool.end()]);
    },
  };
}

/** MikroORM for these tables, with separate connections. */
export function openOrm(
  service: string,
  { url, ssl }: PostgresAddress,
  { DATABASE_POOL_MAX }: Pick<ServiceEnv, 'DATABASE_POOL_MAX'>,
  { entities, migrations, messaging = true }: DatabaseOptions,
  log: Logger,
  onPoolCreated: (pool: Pool) => void = () => undefined,
): MikroORM {
  return new MikroORM(
    defineConfig({
      driver: ReleasingDriver,
      clientUrl: url,
      entities: [...entities, ...(messaging ? messagingTables : [])] as never,
      // A service takes its entity manager from transaction() or a fork; the global one would mix requests.
      allowGlobalContext: false,
      ensureDatabase: false,
      colors: false,
      forceUtcTimezone: true,
      discovery: { warnWhenNoEntities: false, onMetadata: declareTenantPolicy },
      pool: { min: 0, max: DATABASE_POOL_MAX, idleTimeoutMillis: 30_000 },
      driverOptions: {
        onPoolCreated,
        ssl,
        connectionTimeoutMillis: connectionWaitMs,
        statement_timeout: statementTimeoutMs,
        keepAlive: true,
        application_name: service,
      },
      logger: (message) => log.debug(message),
      // Triggers are written in migrations only, such as the one that wakes the outbox relay.
      schemaGenerator: { ignoreTriggers: true },
      migrations: {
        migrationsList: migrations.map((migration) => ({ name: migration.name, class: migration as never })),
        snapshot: false,
        transactional: true,
        allOrNothing: true,
      },
    }),
  );
}

/** What a statement waits for one of the connections: longer than a busy machine takes. */
const connectionWaitMs = 10_000;
const statementTimeoutMs = 30_000;
