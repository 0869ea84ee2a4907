import { Migration } from '@mikro-orm/migrations';

/** How Work 365 is answered through a connector's API keys. */
export class M0002FieldNames extends Migration {
  override up(): void {
    this.addSql(
      `alter table "connectors" add column "field_names" text not null default 'camelCase'
         constraint "connectors_field_names_check" check ("field_names" in ('camelCase', 'PascalCase'))`,
    );
  }
}
