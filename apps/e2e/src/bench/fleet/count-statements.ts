import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Client } from 'pg';

/**
 * Loaded into a service before it starts (`--import`): counts the statements that it sends to PostgreSQL, of its pool and of its other
 * connections, and writes the counts to the file STATEMENTS_FILE at every SIGUSR2, which nothing else in a service uses.
 */
const counts = new Map<string, number>();
const pg = createRequire(import.meta.url)('pg') as { Client: { prototype: Client } };
const { prototype } = pg.Client;

const query = prototype.query as (...args: unknown[]) => unknown;
prototype.query = function (this: Client, ...args: unknown[]) {
  const [first] = args as [string | { text?: string } | undefined];
  const text = (typeof first === 'string' ? first : (first?.text ?? 'cursor')).replace(/\s+/g, ' ').trim();
  counts.set(text, (counts.get(text) ?? 0) + 1);
  return query.apply(this, args);
} as typeof prototype.query;

const file = process.env.STATEMENTS_FILE;
if (file) process.on('SIGUSR2', () => writeFileSync(file, JSON.stringify([...counts])));
