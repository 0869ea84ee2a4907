import { Migration } from '@mikro-orm/migrations';

/** Orders that could not be stored when they were listed, to be asked for again. */
export class Migration0007UnreadOrders extends Migration {
  override up(): void {
    this.addSql(`alter table order_cursors add column unread text[] not null default '{}'`);
  }
}
