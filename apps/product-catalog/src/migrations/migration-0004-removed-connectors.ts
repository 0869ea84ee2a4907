import { Migration } from '@mikro-orm/migrations';
import { connectorRestoredSql } from '@isthmus/sync-engine';

/** A connector may be removed and taken up again: why its products are withdrawn, and since when its schedule counts. */
export class Migration0004RemovedConnectors extends Migration {
  override up(): void {
    for (const sql of connectorRestoredSql) this.addSql(sql);
    this.addSql('alter table products add column gone_reason text');
  }
}
