import { Migration } from '@mikro-orm/migrations';

/** Quotes, and which order was placed for one: at most one, because who agreed to it agreed once. */
export class Migration0002Quotes extends Migration {
  override up(): void {
    for (const sql of statements) this.addSql(sql);
  }
}

const statements = [
  `create table quotes (
    id uuid primary key,
    tenant_id uuid not null,
    command json not null,
    quote json not null,
    asked_by text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
  )`,
  'create index quotes_expired on quotes (expires_at)',
  'alter table orders add column quote_id uuid',
  'create unique index orders_of_quote on orders (quote_id) where quote_id is not null',
];
