import { Migration } from '@mikro-orm/migrations';

export class Migration0003ReportedLines extends Migration {
  override up(): void {
    this.addSql(`create table reported_lines (
      tenant_id uuid not null,
      entry_id uuid not null,
      connector_id uuid not null,
      subscription_id uuid not null,
      product text not null,
      vendor text not null,
      mpn text not null,
      name text not null,
      friendly_name text,
      primary key (tenant_id, entry_id)
    )`);
    this.addSql(
      'create unique index reported_lines_once on reported_lines (tenant_id, subscription_id, product)',
    );
  }
}
