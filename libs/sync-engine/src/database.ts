import { hash } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';

/** Runs `work` in a transaction of its own on a pooled connection. */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => (broken = true));
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Prepared once per connection: planning a long statement can cost as much as running it over a page. */
export interface Statement {
  name: string;
  text: string;
}

export const prepared = (text: string): Statement => ({ name: `isthmus-${hash('md5', text, 'hex')}`, text });

const separator = '\u001f';
/** What has a meaning in PostgreSQL's array syntax: its own characters, the empty text, and the word for null. */
const needsQuotes = /[{},"\\\s]|(?:^|\u001f)(?:null)?(?=\u001f|$)/i;

/**
 * One column of a batch as a parameter. The driver looks into every element for what must be quoted, which is a third of what
 * a batch costs this process; most columns (ids, dates, words) have nothing of the kind, and one look at all of it tells.
 */
export function arrayParameter(values: readonly (string | null)[]): string | readonly (string | null)[] {
  if (needsQuotes.test(values.map((value) => value ?? '-').join(separator))) return values;
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}
