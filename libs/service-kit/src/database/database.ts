import { messagingTables } from '@isthmus/messaging';
import { defineConfig, MikroORM } from '@mikro-orm/postgresql';
import { Client, Pool } from 'pg';
import type { Logger } from 'pino';
import type { ServiceEnv } from '../config.ts';
import type { DatabaseOptions } from '../service-options.ts';
import { tracePostgres } from '../telemetry/postgres-spans.ts';
import { ReleasingDriver } from './lost-connections.ts';
import { postgresAddress } from './postgres-address.ts';

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
  { entities, migrations }: DatabaseOptions,
  log: Logger,
): Database {
  tracePostgres(Client);
  const { url, ssl } = postgresAddress(env.DATABASE_URL, env.DATABASE_CA_FILE);
  const pool = new Pool({
    connectionString: url,
    ssl,
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
      clientUrl: url,
      entities: [...entities, ...messagingTables] as never,
      // A service takes its entity manager from transaction() or a fork; the global one would mix requests.
      allowGlobalContext: false,
      ensureDatabase: false,
      colors: false,
      forceUtcTimezone: true,
      discovery: { warnWhenNoEntities: false },
      pool: { min: 0, max: env.DATABASE_POOL_MAX, idleTimeoutMillis: 30_000 },
      driverOptions: {
        onPoolCreated: ({ Client }: CreatedPool) => tracePostgres(Client),
        ssl,
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

/** pg-pool exposes the class of its clients, which its types do not declare. */
interface CreatedPool {
  Client: { prototype: object };
}

const connectTimeoutMs = 3_000;
const statementTimeoutMs = 30_000;

/** Runs pending migrations, one process at a time, and returns their names. */
export async function migrate(orm: MikroORM): Promise<string[]> {
  // Loaded here: serving needs no migrator, and it costs a sixth of a second of the start.
  const { Migrator } = await import('@mikro-orm/migrations');
  const migrator = new Migrator(orm.em as never);
  const connection = orm.em.getConnection();
  const trx = await connection.begin();
  try {
    // Two replicas that migrate at once would both find everything pending; the second waits here and then finds nothing to do.
    await connection.execute(`select pg_advisory_xact_lock(hashtext('isthmus.migrate'))`, [], 'run', trx);
    const done = await migrator.up();
    await connection.commit(trx);
    return done.map(({ name }) => name);
  } catch (error) {
    await connection.rollback(trx).catch(() => undefined);
    throw error;
  }
}
