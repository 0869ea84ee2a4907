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
  /** URL of a new, empty database. */
  url: string;
  drop(): Promise<void>;
}

/** Creates an empty database, by default on the test run's PostgreSQL (TEST_DATABASE_URL, set by the global set-up). */
export async function freshDatabase(
  name = 'test',
  server = process.env.TEST_DATABASE_URL,
): Promise<FreshDatabase> {
  if (!server)
    throw new Error('TEST_DATABASE_URL is not set: only *.int.spec.ts and *.e2e.spec.ts have servers.');
  const database = `${name.replace(/[^a-z0-9]+/gi, '_')}_${randomBytes(5).toString('hex')}`.toLowerCase();
  await onServer(server, `create database ${database}`);
  const url = new URL(server);
  url.pathname = `/${database}`;
  return {
    url: url.toString(),
    drop: () => onServer(server, `drop database if exists ${database} with (force)`),
  };
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
