import { Client } from 'pg';

/** The databases of one benchmark, on one PostgreSQL. */
export class Databases {
  #made = 0;

  constructor(private readonly server: string) {}

  async query<T extends object>(sql: string, url = this.server): Promise<T[]> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<T>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** A new database, a copy of `template` if one is given. A checkpoint comes first, so that no side pays for another's writes. */
  async fresh(name: string, template?: string): Promise<string> {
    const database = `${name}_${(this.#made += 1)}`;
    const like = template && ` template ${new URL(template).pathname.slice(1)}`;
    await this.query(`create database ${database}${like ?? ''}`);
    await this.query('checkpoint');
    const url = new URL(this.server);
    url.pathname = `/${database}`;
    return url.toString();
  }

  async drop(url: string): Promise<void> {
    await this.query(`drop database ${new URL(url).pathname.slice(1)} with (force)`);
  }

  /** The end of the server's write-ahead log, in bytes. */
  async walPosition(): Promise<number> {
    const [row] = await this.query<{ at: string }>(
      `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') as at`,
    );
    return Number(row!.at);
  }
}
