import { Migration } from '@mikro-orm/migrations';

/** Orders explain when seats were added: what CMP's detail of an order says is kept, and told with everything else of it. */
export class Migration0011LinesOfOrders extends Migration {
  override up(): void {
    this.addSql('alter table provider_orders add column scheduled_on text, add column lines json');
  }
}
