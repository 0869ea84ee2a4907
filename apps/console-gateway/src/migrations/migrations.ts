import { tenantPolicySql } from '@isthmus/service-kit';
import { Migration } from '@mikro-orm/migrations';

export class Migration0001Sessions extends Migration {
  override up(): void {
    const table = [
      `create table "sessions" (
        "id" text not null,
        "tenant_id" uuid not null,
        "subject" text not null,
        "name" text not null,
        "sealed" text not null,
        "version" int not null,
        "token_expires_at" timestamptz not null,
        "refreshing_until" timestamptz null,
        "created_at" timestamptz not null,
        "last_seen_at" timestamptz not null,
        "ends_at" timestamptz not null,
        primary key ("id")
      )`,
      'create index "sessions_by_end" on "sessions" ("ends_at")',
    ];
    for (const sql of [...table, ...tenantPolicySql('sessions')]) this.addSql(sql);
  }
}
