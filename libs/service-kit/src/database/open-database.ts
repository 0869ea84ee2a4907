import { defineConfig, MikroORM } from '@mikro-orm/postgresql';
import { messagingTables } from '@isthmus/messaging';
import { Client, Pool } from 'pg';
import { ReleasingDriver } from './releasing-driver.ts';
import type { Logger } from 'pino';
import { tracePostgres } from '../telemetry/postgres-spans.ts';
import type { ServiceEnv } from '../service-env.ts';
import type { DatabaseOptions } from '../service-options.ts';

export interface Database {
  orm: MikroORM;
  pool: Pool;
  close(): Promise<void>;
}

/**
 * The service's two ways to PostgreSQL: MikroORM for commands, a plain pool for bulk and hot statements. Neither
 * connects before it is used, so a service starts while the database is away.
 */
export function openDatabase(
  service: string,
  env: ServiceEnv,
  { entities, migrations }: DatabaseOptions,
  log: Logger,
): Database {
  tracePostgres(Client);
  const pool = new Pool({
    connectionString: env.DATABASE_URL,
    max: env.DATABASE_POOL_MAX,
    connectionTimeoutMillis: connectTimeoutMs,
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
  const orm = new MikroORM(
    defineConfig({
      driver: ReleasingDriver,
      clientUrl: env.DATABASE_URL,
      entities: [...entities, ...messagingTables] as never,
      // A service takes its entity manager from transaction() or a fork; the global one would mix requests.
      allowGlobalContext: false,
      ensureDatabase: false,
      colors: false,
      forceUtcTimezone: true,
      discovery: { warnWhenNoEntities: false },
      pool: { min: 0, max: env.DATABASE_POOL_MAX, idleTimeoutMillis: 30_000 },
      driverOptions: {
        onPoolCreated: ({ Client }: ClientsOf) => tracePostgres(Client),
        connectionTimeoutMillis: connectTimeoutMs,
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
  return {
    orm,
    pool,
    close: async () => {
      await Promise.all([orm.close(true), pool.end()]);
    },
  };
}

/** pg-pool keeps the client class it makes its clients of, which its types do not say. */
interface ClientsOf {
  Client: { prototype: object };
}

const connectTimeoutMs = 3_000;
const statementTimeoutMs = 30_000;
