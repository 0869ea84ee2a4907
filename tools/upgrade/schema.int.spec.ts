import { freshDatabase, type FreshDatabase } from '@isthmus/testing';
import { Client } from 'pg';
import { breaks, readSchema } from './schema.mjs';

let database: FreshDatabase;
let client: Client;
beforeAll(async () => {
  database = await freshDatabase('upgrade');
  client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`
    create table orders (id uuid primary key, status text not null default 'new' check (status in ('new', 'done')), note text, seats int not null);
    create table lines (order_id uuid not null references orders, position int not null);
    create view open_orders as select id from orders where status = 'new'`);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

/** What the migration breaks; it is undone. */
async function after(migration: string): Promise<string[]> {
  const before = await readSchema(client);
  await client.query('begin');
  try {
    await client.query(migration);
    return breaks(before, await readSchema(client));
  } finally {
    await client.query('rollback');
  }
}

it.each([
  ['alter table orders add column colour text'],
  [`alter table orders add column colour text not null default 'red'`],
  ['alter table orders add column number int not null generated always as identity'],
  ['alter table orders alter column seats drop not null'],
  ['alter table orders drop constraint orders_status_check'],
  [`alter table orders drop constraint orders_status_check, add check (status in ('done', 'sent', 'new'))`],
  ['create table payments (id uuid primary key, amount int not null check (amount > 0))'],
  ['create index on orders (status)'],
  ['alter index orders_pkey rename to orders_key'],
])('"%s" changes nothing for the code before it', async (migration) => {
  expect(await after(migration)).toEqual([]);
});

it.each([
  ['drop view open_orders', 'open_orders is gone'],
  ['alter table lines rename to order_lines', 'lines is gone'],
  ['alter table orders drop column note', 'orders.note is gone'],
  ['alter table orders rename column note to remark', 'orders.note is gone'],
  ['alter table orders alter column seats type bigint', 'orders.seats was integer and is bigint'],
  ['alter table orders alter column note set not null', 'orders.note must no longer be null'],
  ['alter table orders alter column status drop default', 'orders.status no longer has a default'],
  [
    'alter table orders add column colour text not null',
    'orders.colour is new, must not be null and has no default',
  ],
  [
    `alter table orders drop constraint orders_status_check, add check (status in ('new', 'sent'))`,
    `orders has a new rule: CHECK ((status = ANY (ARRAY['new'::text, 'sent'::text])))`,
  ],
  [
    `alter table orders drop constraint orders_status_check, add check (note in ('new', 'done', 'sent'))`,
    `orders has a new rule: CHECK ((note = ANY (ARRAY['new'::text, 'done'::text, 'sent'::text])))`,
  ],
  ['alter table orders add check (seats > 0)', 'orders has a new rule: CHECK ((seats > 0))'],
  ['alter table lines add unique (order_id)', 'lines has a new rule: unique USING btree (order_id)'],
  [
    'create unique index on orders (note) where seats > 1',
    'orders has a new rule: unique USING btree (note) WHERE (seats > 1)',
  ],
])('"%s" breaks the code before it', async (migration, broken) => {
  expect(await after(migration)).toContain(broken);
});
