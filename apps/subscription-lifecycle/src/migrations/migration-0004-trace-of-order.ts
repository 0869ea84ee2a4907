import { Migration } from '@mikro-orm/migrations';

/** W3C traceparent of the command: what workers do about the order, hours later too, belongs to its trace. */
export class Migration0004TraceOfOrder extends Migration {
  override up(): void {
    this.addSql('alter table orders add column traceparent text');
  }
}
