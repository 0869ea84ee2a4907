import { Migration } from '@mikro-orm/migrations';
import { syncClaimsSql } from '@isthmus/sync-engine';

/** Workers claim sync runs from this table; before, a queue in JetStream gave them out. */
export class Migration0012ClaimedRuns extends Migration {
  override up(): void {
    for (const sql of syncClaimsSql) this.addSql(sql);
  }
}
