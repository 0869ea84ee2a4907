import { Migration } from '@mikro-orm/migrations';
import { idempotencySql } from '../idempotency/idempotency-sql.ts';
import { messagingMigrationSql } from '@isthmus/messaging';

export class MakeNotes extends Migration {
  override up(): void {
    this.addSql(
      'create table "notes" ("id" uuid primary key, "tenant_id" uuid not null, "text" text not null, "version" int not null default 1)',
    );
    for (const sql of [...idempotencySql, ...messagingMigrationSql]) this.addSql(sql);
  }
}
