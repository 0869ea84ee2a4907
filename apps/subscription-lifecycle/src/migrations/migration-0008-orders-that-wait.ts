import { Migration } from '@mikro-orm/migrations';

/**
 * Which connectors are paused, and why: orders say that they wait for it. A scheduled change keeps the term and billing
 * period that were meant when it was planned.
 */
export class Migration0008OrdersThatWait extends Migration {
  override up(): void {
    this.addSql(
      `create table connector_pauses (
        connector_id uuid primary key,
        tenant_id uuid not null,
        paused boolean not null,
        automatic boolean not null,
        detail text not null,
        next_step text not null,
        by text not null,
        version int not null
      )`,
    );
    this.addSql(
      'create index if not exists provider_accounts_at_cmp on provider_accounts (connector_id, cmp_account_id)',
    );
    this.addSql('alter table scheduled_changes add column term text, add column billing_period text');
  }
}
