import { once } from 'node:events';
import pg from 'pg';
import { lastWords } from './logs.mjs';
import { spawnProgram } from './start-program.mjs';

/** Address of one database on the server that `server` names. */
export function databaseUrl(server, database) {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}

/** Creates the databases that are missing: each service has its own, and reads no other's. */
export async function createDatabases(server, names) {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    const { rows } = await client.query('select datname from pg_database');
    const existing = new Set(rows.map(({ datname }) => datname));
    for (const name of new Set(names)) if (!existing.has(name)) await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
}

/** Brings a service's database up to date, in a process of its own as in production. */
export async function migrate(program, env, signal) {
  const child = spawnProgram(program, ['migrate'], env, signal);
  const [code] = await once(child, 'exit');
  if (code === 0) return;
  throw new Error(`The database of ${program.name} could not be migrated. ${lastWords(program.name)}`);
}
