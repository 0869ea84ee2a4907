import { Migration } from '@mikro-orm/migrations';

/** Customers that somebody wants made at CMP, which knows no idempotency. */
export class Migration0006AccountCreations extends Migration {
  override up(): void {
    this.addSql(`create table account_creations (
      tenant_id uuid not null,
      connector_id uuid not null,
      key uuid not null,
      sent_at timestamptz,
      cmp_id text,
      created_at timestamptz not null default now(),
      primary key (tenant_id, connector_id, key)
    )`);
  }
}
