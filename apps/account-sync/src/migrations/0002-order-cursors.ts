import { Migration } from '@mikro-orm/migrations';

/** Connectors are kept alike by every service that syncs; where the ticks stand is this service's own. */
export class Migration0002OrderCursors extends Migration {
  override up(): void {
    this.addSql(`create table order_cursors (
      connector_id uuid primary key,
      tenant_id uuid not null,
      newest timestamptz not null
    )`);
    this.addSql(`insert into order_cursors (connector_id, tenant_id, newest)
      select connector_id, tenant_id, orders_cursor from connectors where orders_cursor is not null`);
    this.addSql('alter table connectors drop column orders_cursor');
  }
}
