import { Migration } from '@mikro-orm/migrations';
import { syncPlansSql } from '@isthmus/sync-engine';

/** Subscriptions are announced with their seats, a detail that failed is wanted again, and plans can be applied as shown. */
export class Migration0009AnnouncedSubscriptions extends Migration {
  override up(): void {
    for (const sql of syncPlansSql) this.addSql(sql);
    // What is here was announced when it was first listed; the default is for these rows alone, and costs no rewrite of the table.
    this.addSql(`alter table provider_subscriptions add column announced_version int default 1,
      add column detail_failures int not null default 0, add column gone_reason text`);
    this.addSql('alter table provider_subscriptions alter column announced_version drop default');
    this.addSql(
      `update provider_subscriptions set gone_reason = 'no-longer-listed' where gone_at is not null`,
    );
    // A reading that failed counted as done before: those are wanted again now.
    this.addSql(`update provider_subscriptions set detail_wanted_at = now(), detail_failures = 1
      where detail_failure is not null and detail_wanted_at is null and gone_at is null
        and status in ('pending', 'active', 'hold', 'unknown')`);
    this.addSql('drop index provider_subscriptions_wanted');
    this.addSql(`create index provider_subscriptions_wanted
      on provider_subscriptions (connector_id, (announced_version is not null), detail_wanted_at, id) where detail_wanted_at is not null`);
    this
      .addSql(`create index provider_subscriptions_unread on provider_subscriptions (connector_id, provider_account_id)
      where lines is null and gone_at is null`);
    this
      .addSql(`create index provider_subscriptions_live on provider_subscriptions (tenant_id, connector_id, provider_account_id, id)
      where gone_at is null and status in ('pending', 'active', 'hold', 'unknown')`);
  }
}
