import { Migration } from '@mikro-orm/migrations';

/** Who decided on a subscription's contract, whether it was announced, names of accounts, and connectors that were removed. */
export class Migration0009Ownership extends Migration {
  override up(): void {
    for (const sql of statements) this.addSql(sql);
  }
}

const statements = [
  `alter table subscriptions
    add column assignment text not null default 'default' check (assignment in ('default', 'manual', 'transferred')),
    add column announced boolean not null default true`,
  `update subscriptions s set assignment = 'manual' where exists (
    select from subscription_history h, json_array_elements(h.changes) change
    where h.subscription_id = s.id and h.source = 'person' and change ->> 'fact' = 'billingContractId')`,
  // What CMP no longer lists kept the last status of the listing until now.
  `update subscriptions set status = 'no-longer-listed', state = (state::jsonb || '{"status": "no-longer-listed"}')::json
   where ended_at is not null and status not in ('terminated', 'removed')`,
  'create index subscriptions_of_account on subscriptions (provider_account_id)',
  // Each news of an account looks for subscriptions that came before it.
  `create index subscriptions_without_account on subscriptions (tenant_id, connector_id, cmp_account_id)
    where provider_account_id is null`,
  'alter table subscription_history drop constraint subscription_history_source_check',
  `alter table subscription_history add constraint subscription_history_source_check
    check (source in ('cmp', 'order', 'person', 'default-contract', 'account-link'))`,
  'alter table provider_accounts add column name text, add column custom_domain text',
  'create index account_links_of_tenant_account on account_links (tenant_id, tenant_account_id)',
  'create index billing_contracts_of_tenant_account on billing_contracts (tenant_id, tenant_account_id)',
  `create table connector_removals (
    connector_id uuid primary key,
    tenant_id uuid not null,
    removed boolean not null,
    version int not null
  )`,
];
