import type { Pool } from 'pg';

interface Observation {
  lastPosition: number;
  writers: string[];
}

/**
 * Determines the position of a table up to which all inserting transactions have ended.
 * Positions are assigned when a row is inserted and become visible when its transaction commits, so a lower one may appear after
 * a higher one. A transaction that inserts into the table, such as the outbox, holds a ROW EXCLUSIVE lock on it from before its
 * first insert until it ends: once all transactions that held the lock after position P was assigned have ended, nothing below P
 * can appear any more. The usual solution, pg_snapshot_xmin, waits for every writing transaction of the whole server, including
 * those of other databases that publish nothing (docs/decisions/0010-outbox-fence.md).
 */
export class InsertFence {
  #barrier?: { position: number; writers: Set<string> };

  /**
   * @param table whose rows are numbered by a sequence; a name of our own, never a caller's
   * @param safe a position up to which everything is known to be over
   * @param sequence the one that assigns the positions
   */
  constructor(
    private readonly table: string,
    private safe: number,
    private readonly sequence = `${table}_position_seq`,
  ) {}

  /** True while there were writers at the last observation: observe again soon, as a rollback sends no notification. */
  get waiting(): boolean {
    return this.#barrier !== undefined;
  }

  async passable(client: Pick<Pool, 'query'>): Promise<number> {
    const { lastPosition, writers } = await observe(client, this.table, this.sequence);
    const barrier = this.#barrier;
    if (writers.length === 0) {
      this.#barrier = undefined;
      this.safe = lastPosition;
    } else if (!barrier || !writers.some((writer) => barrier.writers.has(writer))) {
      if (barrier) this.safe = barrier.position;
      this.#barrier = { position: lastPosition, writers: new Set(writers) };
    }
    return this.safe;
  }
}

/** Two statements in one round trip, in this order: who got a position before the first is seen by the second, or over. */
const observeSql = (table: string, sequence: string): string => `
  select case when is_called then last_value else 0 end as "lastPosition" from ${sequence};
  select virtualtransaction as writer from pg_locks
  where locktype = 'relation' and mode = 'RowExclusiveLock' and granted and relation = '${table}'::regclass
    and database = (select oid from pg_database where datname = current_database()) and pid is distinct from pg_backend_pid()`;

async function observe(client: Pick<Pool, 'query'>, table: string, sequence: string): Promise<Observation> {
  const results = (await client.query(observeSql(table, sequence))) as unknown as [
    { rows: { lastPosition: string }[] },
    { rows: { writer: string }[] },
  ];
  return {
    lastPosition: Number(results[0].rows[0]!.lastPosition),
    writers: results[1].rows.map(({ writer }) => writer),
  };
}
