import { Migration } from '@mikro-orm/migrations';

/** Every order of CMP, whoever placed it: only they explain when a term began or seats were added. */
export class Migration0007ProviderOrders extends Migration {
  override up(): void {
    for (const sql of tables) this.addSql(sql);
  }
}

const tables = [
  `create table provider_orders (
    connector_id uuid not null,
    cmp_order_id text not null,
    tenant_id uuid not null,
    cmp_subscription_ids text[] not null,
    order_number text,
    type text not null,
    status text not null,
    created_at timestamptz,
    done_at timestamptz,
    scheduled_on text,
    upgrade boolean not null default false,
    lines json,
    version int not null,
    primary key (connector_id, cmp_order_id)
  )`,
  'create index provider_orders_by_subscription on provider_orders using gin (cmp_subscription_ids)',
  `create index orders_by_cmp_subscription on orders (connector_id, (record ->> 'cmpSubscriptionId'))
    where status = 'settled' and kind in ('create', 'change-quantity')`,
  `create index orders_unproved_by_cmp_order on orders (connector_id, (record ->> 'cmpOrderId')) where status <> 'settled'`,
];
