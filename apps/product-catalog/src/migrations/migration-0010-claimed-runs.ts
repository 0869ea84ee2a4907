import { Migration } from '@mikro-orm/migrations';
import { syncClaimsSql } from '@isthmus/sync-engine';

/** Catalogue syncs are claimed from this table; before, a queue in JetStream gave them out. */
export class Migration0010ClaimedRuns extends Migration {
  override up(): void {
    for (const sql of syncClaimsSql) this.addSql(sql);
  }
}
