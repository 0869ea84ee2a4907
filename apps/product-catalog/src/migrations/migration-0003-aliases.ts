import { Migration } from '@mikro-orm/migrations';

/** A mapping may be its product's alias: the one part number that reads show it by. */
export class Migration0003Aliases extends Migration {
  override up(): void {
    this.addSql(
      `alter table part_number_mappings add column alias boolean not null default false
         check (not alias or (product_id is not null and billing_period = '' and term = ''))`,
    );
    this.addSql(
      `create unique index part_number_mappings_one_alias on part_number_mappings (connector_id, product_id)
         where alias and ended_at is null`,
    );
  }
}
