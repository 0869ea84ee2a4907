import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'InboxMessage',
  tableName: 'inbox',
  indexes: [{ name: 'inbox_handled_at_index', properties: ['handledAt'] }],
  properties: {
    consumer: p.text().primary(),
    eventId: p.uuid().primary(),
    handledAt: p.datetime(3).defaultRaw('now()'),
  },
});

/** A message whose effect is in this database. */
export class InboxMessage extends schema.class {}
schema.setClass(InboxMessage);
