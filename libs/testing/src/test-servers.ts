import { randomBytes } from 'node:crypto';
import * as servers from '../servers/index.mjs';
import type { RunningServer, ServerOptions } from '../servers/index.mjs';
import { Client } from 'pg';

/** A nats-server of the spec's own; it ends with the spec at the latest. */
export const startNats = (options: ServerOptions = {}): Promise<RunningServer> =>
  servers.startNats({ tied: true, ...options });

/** A PostgreSQL of the spec's own; it ends with the spec at the latest. */
export const startPostgres = (options: ServerOptions = {}): Promise<RunningServer> =>
  servers.startPostgres({ tied: true, ...options });

export interface FreshDatabase {
  /** URL of an empty database of its own. */
  url: string;
  drop(): Promise<void>;
}

/** Creates an empty database, by default on the test run's PostgreSQL (TEST_DATABASE_URL, set by the global set-up). */
export async function freshDatabase(
  name = 'test',
  server = process.env.TEST_DATABASE_URL,
): Promise<FreshDatabase> {
  return copyOf('template1', name, addressOf(server));
}

/**
 * As `freshDatabase`, but as `migrate` leaves it. It is called for the first one in a test run, with the address of an
 * empty database; all others are copies.
 * @param name one name always means the same tables
 */
export async function migratedDatabase(
  name: string,
  migrate: (url: string) => Promise<void>,
  server = process.env.TEST_DATABASE_URL,
): Promise<FreshDatabase> {
  const url = addressOf(server);
  const template = `migrated_${plain(name)}_${process.env.TEST_RUN}`;
  await onServer(url, async (client) => {
    // Whoever comes meanwhile, in another process, waits for the first.
    await client.query('select pg_advisory_lock(hashtext($1))', [template]);
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [template]);
    if (rowCount) return;
    const first = await freshDatabase(name, url);
    await migrate(first.url);
    await client.query(`alter database ${new URL(first.url).pathname.slice(1)} rename to ${template}`);
  });
  return copyOf(template, name, url);
}

async function copyOf(template: string, name: string, server: string): Promise<FreshDatabase> {
  const database = `${plain(name)}_${randomBytes(5).toString('hex')}`;
  await onServer(server, (client) => client.query(`create database ${database} template ${template}`));
  const url = new URL(server);
  url.pathname = `/${database}`;
  return {
    url: url.toString(),
    drop: async () => {
      await onServer(server, (client) => client.query(`drop database if exists ${database} with (force)`));
    },
  };
}

const plain = (name: string) => name.replace(/[^a-z0-9]+/gi, '_').toLowerCase();

function addressOf(server: string | undefined): string {
  if (server) return server;
  throw new Error('TEST_DATABASE_URL is not set: only *.int.spec.ts and *.e2e.spec.ts have servers.');
}

async function onServer(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
