import { Migration } from '@mikro-orm/migrations';
import { syncPlansSql } from '@isthmus/sync-engine';

/** Runs that wait for approval no longer stand in the way of others, and plans can be applied as shown. */
export class Migration0009SyncPlans extends Migration {
  override up(): void {
    for (const sql of syncPlansSql) this.addSql(sql);
  }
}
