import type { ClientBase, Pool } from 'pg';

/** A table whose rows are numbered by a sequence. Both names are our own, never a caller's. */
export interface NumberedTable {
  table: string;
  sequence: string;
}

export const outboxPositions: NumberedTable = { table: 'outbox', sequence: 'outbox_position_seq' };

interface Observation {
  lastPosition: number;
  writers: string[];
}

/**
 * Tells up to which position of a table, the outbox for one, every transaction is over.
 *
 * Positions are given out when a row is inserted and become visible when its transaction commits, so a lower one may appear
 * after a higher one. Whoever inserts into the table holds a row-exclusive lock on it, taken before its first position and
 * kept to its end: once all who held one after position P was given out are gone, nothing below P can appear any more.
 * The obvious fence, pg_snapshot_xmin, waits for every writing transaction of the whole server, also for those of other
 * databases that publish nothing (docs/decisions/0010-outbox-fence.md).
 */
export class TableFence {
  #barrier?: { position: number; writers: Set<string> };

  constructor(
    private readonly of: NumberedTable,
    private safe: number,
  ) {}

  /** True while there were writers at the last observation: observe again soon, as a rollback sends no notification. */
  get waiting(): boolean {
    return this.#barrier !== undefined;
  }

  async passable(client: ClientBase | Pool): Promise<number> {
    const { lastPosition, writers } = await observe(client, this.of);
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
const observeSql = ({ table, sequence }: NumberedTable): string => `
  select case when is_called then last_value else 0 end as "lastPosition" from ${sequence};
  select virtualtransaction as writer from pg_locks
  where locktype = 'relation' and mode = 'RowExclusiveLock' and granted and relation = '${table}'::regclass
    and database = (select oid from pg_database where datname = current_database()) and pid is distinct from pg_backend_pid()`;

async function observe(client: Pick<Pool, 'query'>, of: NumberedTable): Promise<Observation> {
  const results = (await client.query(observeSql(of))) as unknown as [
    { rows: { lastPosition: string }[] },
    { rows: { writer: string }[] },
  ];
  return {
    lastPosition: Number(results[0].rows[0]!.lastPosition),
    writers: results[1].rows.map(({ writer }) => writer),
  };
}
