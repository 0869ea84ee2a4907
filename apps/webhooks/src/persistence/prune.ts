import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';

const rowsPerStatement = 1_000;

/** Forgets old events together with their deliveries and logs. */
@Injectable()
export class Pruning {
  constructor(private readonly pool: Pool) {}

  /** Answers how many events are gone. In small statements: deliveries go on meanwhile. */
  async prune(keepDays: number, signal: AbortSignal): Promise<number> {
    for (let gone = 0; ;) {
      const { rowCount } = await this.pool.query(
        `delete from events where id in (select id from events where stored_at < now() - $1 * interval '1 day'
         order by stored_at limit $2)`,
        [keepDays, rowsPerStatement],
      );
      gone += rowCount ?? 0;
      if ((rowCount ?? 0) < rowsPerStatement || signal.aborted) return gone;
    }
  }
}
