import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'Effect',
  tableName: 'effects',
  properties: {
    id: p.integer().primary().autoincrement(),
    eventId: p.uuid(),
    aggregate: p.text(),
    version: p.integer(),
    name: p.text(),
    at: p.datetime(6).defaultRaw('clock_timestamp()'),
  },
});

/** What a handler did: one row per time it did it. */
export class Effect extends schema.class {}
schema.setClass(Effect);

export const effectTableSql = `create table effects (id serial primary key, event_id uuid not null, aggregate text not null,
  version int not null, name text not null, at timestamptz(6) not null default clock_timestamp())`;
