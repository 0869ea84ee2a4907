import { Migration } from '@mikro-orm/migrations';

/** What is ordered for a write is kept, so that every try sends the same. */
export class Migration0002SettledOrders extends Migration {
  override up(): void {
    this.addSql('alter table write_intents add column orders json');
  }
}
