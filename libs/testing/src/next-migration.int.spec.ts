import { messagingTablesSql } from '@isthmus/messaging';
import { sharedPolicySql } from '@isthmus/service-kit';
import { defineEntity, type EntitySchema, p } from '@mikro-orm/core';
import { Migration } from '@mikro-orm/migrations';
import { nextMigration } from './next-migration.ts';

class MakeThings extends Migration {
  override up(): void {
    for (const sql of [...messagingTablesSql, ...sharedPolicySql]) this.addSql(sql);
    this.addSql(`create table boxes (id uuid primary key)`);
    this.addSql(`create table things (id uuid primary key, box_id uuid not null references boxes,
      name varchar(80) not null, status text not null default 'up' check (status in ('up', 'down')),
      times bigint not null default 0, made_at timestamptz not null)`);
    this.addSql('create index by_age on things (made_at desc, id desc)');
    this.addSql('create table by_hand (id int primary key)');
  }
}

const Box = defineEntity({ name: 'Box', tableName: 'boxes', properties: { id: p.uuid().primary() } });

const thing = {
  id: p.uuid().primary(),
  box: () => p.manyToOne(Box).deleteRule('no action').index(false),
  name: p.string().length(80),
  status: p.text().default('up'),
  times: p.bigint().default(0),
  madeAt: p.datetime(),
};
const byAge = {
  name: 'by_age',
  columns: [
    { name: 'made_at', sort: 'DESC' as const },
    { name: 'id', sort: 'DESC' as const },
  ],
};
const check = { name: 'things_status_check', expression: `status in ('up', 'down')` };

/** The table with what a spec says of it in place of what it was made with. */
const things = (more: object) =>
  defineEntity({
    ...{ name: 'Thing', tableName: 'things', indexes: [byAge], checks: [check], properties: thing },
    ...more,
  } as never) as EntitySchema;

const next = (more: object, drop = false) =>
  nextMigration({ entities: [Box, things(more)], migrations: [MakeThings] }, { drop });

it('is empty for a model that has not changed, whatever things are called', async () => {
  expect(await next({})).toEqual({ statements: [], kept: [] });
  expect(await next({ checks: [{ ...check, name: 'up_or_down' }] })).toEqual({ statements: [], kept: [] });
});

it('adds columns, indexes and tables, and changes a check', async () => {
  const Added = defineEntity({
    name: 'Added',
    tableName: 'added',
    properties: { id: p.uuid().primary(), code: p.text().unique() },
  });
  const changed = things({
    properties: { ...thing, note: p.text().nullable() },
    indexes: [byAge, { name: 'by_name', properties: ['name'], where: `status = 'up'` }],
    checks: [{ ...check, expression: `status in ('up', 'down', 'gone')` }],
  });
  const { statements } = await nextMigration({
    entities: [Box, changed, Added],
    migrations: [MakeThings],
  });
  expect(statements).toEqual([
    'create table "added" ("id" uuid not null, "code" text not null, primary key ("id"))',
    'alter table "added" add constraint "added_code_unique" unique ("code")',
    'alter table "things" drop constraint "things_status_check"',
    'alter table "things" add "note" text null',
    `create index "by_name" on "things" ("name") where status = 'up'::text`,
    `alter table "things" add constraint "things_status_check" check ("status" in ('up', 'down', 'gone'))`,
  ]);
});

it('keeps what no entity declares, and says so, unless it is to be dropped', async () => {
  const { times: _, ...properties } = { ...thing, status: p.text() };
  const less = { properties, indexes: [], checks: [] };
  expect(await next(less)).toEqual({
    statements: [],
    kept: [
      'things: column times',
      'things: index by_age',
      'things: check things_status_check',
      'things: default of status',
    ],
  });
  const { statements, kept } = await next(less, true);
  expect(kept).toEqual([]);
  expect(statements.toSorted()).toEqual([
    'alter table "things" alter column "status" drop default',
    'alter table "things" drop column "times"',
    'alter table "things" drop constraint "things_status_check"',
    'drop index "by_age"',
  ]);
});

it('keeps the rows of tenants apart in a new table', async () => {
  const Owned = defineEntity({
    name: 'Owned',
    tableName: 'owned',
    properties: { id: p.uuid().primary(), tenantId: p.uuid() },
  });
  const { statements } = await nextMigration({
    entities: [Box, things({}), Owned],
    migrations: [MakeThings],
  });
  expect(statements).toEqual([
    expect.stringContaining('create table "owned"'),
    'alter table "owned" enable row level security',
    'alter table "owned" force row level security',
    expect.stringContaining(`create policy "tenant" on "owned" to public using ((tenant_id = `),
  ]);
});

it('keeps a policy that no entity declares', async () => {
  class MakePolicy extends MakeThings {
    override up(): void {
      super.up();
      this.addSql('alter table things enable row level security');
      this.addSql('create policy by_hand on things using (true)');
    }
  }
  const { kept } = await nextMigration({ entities: [Box, things({})], migrations: [MakePolicy] });
  expect(kept).toEqual(['things: policy by_hand']);
});
