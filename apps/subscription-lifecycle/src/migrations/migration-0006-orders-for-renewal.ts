import { Migration } from '@mikro-orm/migrations';

/** Every command for an immediate change asks whether something would be lost by it; a queue may be thousands long. */
export class Migration0006OrdersForRenewal extends Migration {
  override up(): void {
    this.addSql(
      `create index orders_for_renewal on orders (subscription_id)
       where kind = 'change-quantity' and status not in ('settled', 'refused', 'withdrawn')
         and record -> 'ask' ->> 'when' = 'renewal'`,
    );
  }
}
