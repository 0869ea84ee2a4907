import { messagingTablesSql } from '@isthmus/messaging';
import { ServiceEnv, sharedPolicySql, tenantPolicySql } from '@isthmus/service-kit';
import { defineEntity, type EntitySchema, p } from '@mikro-orm/core';
import { Migration } from '@mikro-orm/migrations';
import { Module } from '@nestjs/common';
import { schemaDifferences } from './schema-differences.ts';

const Thing = defineEntity({
  name: 'Thing',
  tableName: 'things',
  checks: [{ expression: `status in ('up', 'down')` }],
  properties: {
    id: p.uuid().primary(),
    name: p.string().length(80).index(),
    code: p.text().unique(),
    status: p.text().default('up'),
    note: p.text().nullable(),
    times: p.bigint().default(0),
    madeAt: p.datetime(3).defaultRaw('now()'),
  },
});

@Module({})
class Nothing {}

const Owned = defineEntity({
  name: 'Owned',
  tableName: 'owned',
  properties: { id: p.uuid().primary(), tenantId: p.uuid() },
});

const differences = (sql: string, entities: EntitySchema[] = [Thing as never]) => {
  class MakeThings extends Migration {
    override up(): void {
      for (const statement of [...messagingTablesSql, ...sharedPolicySql, sql]) this.addSql(statement);
    }
  }
  const database = { entities, migrations: [MakeThings] };
  return schemaDifferences({ service: 'things', module: Nothing, config: ServiceEnv, database });
};

it('finds none where the migrations make what the entities declare, whatever they call it', async () => {
  const { wrong } =
    await differences(`create table things (id uuid primary key, name varchar(80) not null, code text not null constraint one_code unique,
    status text not null default 'up' check (status in ('up', 'down')), note text, times bigint not null default 0, made_at timestamptz(3) not null default now());
    create index by_name on things (name)`);
  expect(wrong).toEqual([]);
});

it('finds columns, types, defaults, nullability, indexes and checks that are not as declared, and what is not declared', async () => {
  const found =
    await differences(`create table things (id uuid primary key, name text not null, code text not null,
    status text default 'down', made_at timestamptz(3) not null, times bigint not null default 1, size int not null default 7 check (size > 0));
    create index by_size on things (size)`);
  expect(found.wrong.sort()).toEqual([
    `things.made_at: has the default none, declared now()`,
    `things.name: is text not null, declared character varying(80) not null`,
    `things.note: is not created`,
    `things.size: is not declared`,
    `things.status: has the default 'down'::text, declared 'up'::text`,
    `things.status: is text, declared text not null`,
    `things.times: has the default 1, declared 0`,
    `things: is not created: CHECK ((status = ANY (ARRAY['up'::text, 'down'::text])))`,
    `things: is not created: CREATE INDEX ON public.things USING btree (name)`,
    `things: is not created: UNIQUE (code)`,
  ]);
  expect(found.undeclared.filter((one) => one.startsWith('things')).sort()).toEqual([
    `things: CHECK ((size > 0))`,
    `things: CREATE INDEX ON public.things USING btree (size)`,
  ]);
});

it('finds a table that no migration makes, and one of no entity', async () => {
  const { wrong, undeclared } = await differences('create table other (id int)');
  expect(wrong).toEqual(['things: there is no such table']);
  expect(undeclared).toContain('table other');
});

it('finds that rows of tenants are not kept apart, or otherwise than declared', async () => {
  const table = 'create table owned (id uuid primary key, tenant_id uuid not null)';
  const of = async (...policies: string[]) =>
    (await differences([table, ...policies].join(';'), [Owned as never])).wrong;
  expect(await of(...tenantPolicySql('owned'))).toEqual([]);
  expect(await of()).toEqual([
    'owned: is not created: row level security, forced',
    expect.stringContaining('owned: is not created: policy tenant for ALL using (tenant_id = '),
  ]);
  const [enable, force] = tenantPolicySql('owned');
  expect(await of(enable!, force!, 'create policy tenant on owned using (true)')).toEqual([
    expect.stringContaining('owned: is not created: policy tenant for ALL using (tenant_id = '),
  ]);
});
