import { Migration } from '@mikro-orm/migrations';

/** A removed connector is archived, and found again by the account it is for. */
export class M0004ArchivedConnectors extends Migration {
  override up(): void {
    this.addSql(
      `alter table "connectors" add column "removed_at" timestamptz null, add column "restored_at" timestamptz null`,
    );
    this.addSql(`update "connectors" set "removed_at" = "updated_at" where "status" = 'removed'`);
    this.addSql(
      `create index "connectors_by_account" on "connectors" ("tenant_id", "api_url", "account_id")`,
    );
  }
}
