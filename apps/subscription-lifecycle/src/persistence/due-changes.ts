import { Injectable } from '@nestjs/common';
import type { Statements } from '@isthmus/messaging';
import { inTransaction } from '@isthmus/sync-engine';
import { Pool } from 'pg';
import { scheduledChangeColumns, type ScheduledChangeRow } from './scheduled-change-row.ts';

export type CarryOut = (client: Statements, row: ScheduledChangeRow, now: number) => Promise<void>;

/** Scheduled changes whose time has come, by the database's clock. Any number of workers may take them at once. */
@Injectable()
export class DueChanges {
  constructor(private readonly pool: Pool) {}

  /**
   * Takes one and carries it out in the same transaction: whoever dies in between leaves it as it was. One that throws is
   * put off, so that it does not stand in the way of the others; the error goes on to the caller.
   * @returns false when none is due that nobody else is at
   */
  async takeOne(carryOut: CarryOut): Promise<boolean> {
    let taken: string | undefined;
    try {
      return await inTransaction(this.pool, async (client) => {
        const { rows } = await client.query<DueRow>(claim);
        if (!rows[0]) return false;
        const { nowMs, ...row } = rows[0];
        taken = row.id;
        await carryOut(client, row, Number(nowMs));
        return true;
      });
    } catch (error) {
      if (taken) await this.pool.query(putOff, [taken]);
      throw error;
    }
  }
}

type DueRow = ScheduledChangeRow & { nowMs: string };

const claim = `
  select ${scheduledChangeColumns}, floor(extract(epoch from now()) * 1000) as "nowMs" from scheduled_changes c
  where next_try_at <= now() order by next_try_at limit 1 for update skip locked`;

const putOff = `
  update scheduled_changes set next_try_at = now() + interval '1 minute' where id = $1 and next_try_at is not null`;
