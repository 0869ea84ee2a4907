import { Migration } from '@mikro-orm/migrations';
import { connectorRestoredSql } from '@isthmus/sync-engine';

/** A connector may be removed and taken up again: why its records are gone, and since when its schedule counts. */
export class Migration0010RemovedConnectors extends Migration {
  override up(): void {
    for (const sql of connectorRestoredSql) this.addSql(sql);
    this.addSql('alter table provider_accounts add column gone_reason text');
    // Another migration that may have been there before adds the same.
    this.addSql('alter table provider_subscriptions add column if not exists gone_reason text');
  }
}
