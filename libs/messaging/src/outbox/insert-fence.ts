import type { ClientBase } from 'pg';

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
   * @param table with a `bigserial` called `position`
   * @param safe a position up to which everything is known to be over
   */
  constructor(
    private readonly table: string,
    private safe: number,
  ) {}

  /** True while there were writers at the last observation: observe again soon, as a rollback sends no notification. */
  get waiting(): boolean {
    return this.#barrier !== undefined;
  }

  async passable(client: ClientBase): Promise<number> {
    const { lastPosition, writers } = await observe(client, this.table);
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
const observeSql = (table: string): string => `
  select case when is_called then last_value else 0 end as "lastPosition" from ${table}_position_seq;
  select virtualtransaction as writer from pg_locks
  where locktype = 'relation' and mode = 'RowExclusiveLock' and granted and relation = '${table}'::regclass
    and database = (select oid from pg_database where datname = current_database()) and pid is distinct from pg_backend_pid()`;

async function observe(client: ClientBase, table: string): Promise<Observation> {
  const results = (await client.query(observeSql(table))) as unknown as [
    { rows: { lastPosition: string }[] },
    { rows: { writer: string }[] },
  ];
  return {
    lastPosition: Number(results[0].rows[0]!.lastPosition),
    writers: results[1].rows.map(({ writer }) => writer),
  };
}
