import { Migration } from '@mikro-orm/migrations';

/** What a report may say besides: whose account it charges, and how its numbers and days are written where it does not show. */
export class Migration0008ReportFormats extends Migration {
  override up(): void {
    for (const table of ['rated_rows', 'rated_lines'])
      this.addSql(`alter table ${table} add column cmp_account_id text, add column account_ref uuid`);
    this.addSql('alter table rated_lines drop constraint rated_lines_matched_by_check');
    this.addSql(`alter table rated_lines add constraint rated_lines_matched_by_check
      check (matched_by in ('subscription', 'account-id', 'customer-name'))`);
    this
      .addSql(`create index rated_lines_incomplete on rated_lines (tenant_id, connector_id, subscription_ref)
      where subscription_ref is not null and (vendor is null or billing_cycle is null)`);
    this.addSql(
      'alter table rated_reports add column run_id uuid, add column run_attempts int not null default 0',
    );
    this.addSql(`create table report_formats (
      tenant_id uuid not null,
      connector_id uuid not null,
      decimal_separator text check (decimal_separator in ('.', ',')),
      date_order text check (date_order in ('month-first', 'day-first')),
      changed_by text not null,
      changed_at timestamptz not null,
      primary key (tenant_id, connector_id)
    )`);
  }
}
